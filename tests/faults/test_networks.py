"""The network to PostgreSQL is cut for half a minute, or slow, while clients read and a bundle is published."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.local import processes
from pipelines.errors import DependencyAway
from tests.faults import proxy, traffic
from tests.faults.proxy import Proxy
from tests.faults.reliability import Report
from tests.journeys import running
from tests.journeys.line import Line, WebApi, differing, snapshot
from tests.journeys.test_at_the_same_time import Pause
from tests.journeys.test_crashes import CHANGED, STEP, changed
from tests.pipelines.district import District

CUT_SECONDS = 30
DELAY_SECONDS = 0.1


@pytest.fixture
def network(migrated_url: str) -> Iterator[Proxy]:
    with proxy.before(urlsplit(migrated_url).port or 5432) as between:
        yield between


@pytest.fixture
def line(tmp_path: Path, migrated_url: str, network: Proxy) -> Line:
    """A line behind the network."""
    return Line(tmp_path, migrated_url.replace(f":{urlsplit(migrated_url).port}/", f":{network.port}/"))


def test_the_network_is_cut(line: Line, network: Proxy, tmp_path: Path, report: Report) -> None:
    line.take(District())
    key, served = line.key(), running.gunicorn(tmp_path, line.variables)
    with running.running(served), traffic.readers(served.where, key) as readers:
        before = snapshot(WebApi(served.where, key))
        pause = Pause(STEP)
        line.land(changed())
        with ThreadPoolExecutor() as threads:
            publication = threads.submit(line.sync, progress=pause)
            assert pause.there.wait(60)
            network.cut()
            cut = time.monotonic()
            pause.go_on.set()
            time.sleep(CUT_SECONDS)
            network.mend()
            mended = time.monotonic()
            ended = how_it_ended(publication.result, line)
        assert processes.wait_until(lambda: bool(readers.since(mended + 1).outcomes()["200"]), 30)
        time.sleep(2)
        assert differing(before, snapshot(WebApi(served.where, key))) == CHANGED
    assert set(readers.failed()) <= {"503"}
    assert not readers.since(mended + 5).failed()
    meanwhile = traffic.Traffic("200", [each for each in readers.attempts if cut <= each.ended < mended])
    report.tell(
        f"network to PostgreSQL cut for {CUT_SECONDS} s, reads and a publication under way",
        saw=f"{readers.told()}; during the cut {meanwhile.outcomes()['200']} answers",
        recovery=f"{readers.succeeded_after(mended):.1f} s; the publication {ended}",
    )


def how_it_ended(result: object, line: Line) -> str:
    """Wait for the publication; where it was taken back, publish again."""
    assert callable(result)
    try:
        assert result(timeout=60).generation == 2
    except DependencyAway:
        assert line.sync().generation == 2
        return "was taken back, and succeeded when repeated"
    return "went on where it was"


def test_the_network_is_slow(line: Line, network: Proxy, tmp_path: Path, report: Report) -> None:
    line.take(District())
    key, served = line.key(), running.gunicorn(tmp_path, line.variables)
    with running.running(served), traffic.readers(served.where, key) as readers:
        before = snapshot(WebApi(served.where, key))
        network.delay = DELAY_SECONDS
        began = time.monotonic()
        line.take(changed())
        seconds = time.monotonic() - began
        network.delay = 0.0
        mended = time.monotonic()
        time.sleep(1)
        assert differing(before, snapshot(WebApi(served.where, key))) == CHANGED
    assert readers.failed() == {}
    report.tell(
        f"PostgreSQL slow: each message takes {2 * DELAY_SECONDS * 1000:.0f} ms more, there and back",
        saw=f"{readers.told()}; a publication took {seconds:.0f} s",
        recovery=f"{readers.succeeded_after(mended):.1f} s",
    )
