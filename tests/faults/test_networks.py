"""The network to PostgreSQL is cut for half a minute, or slow, while clients read and a bundle is published."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.local import processes
from deploy.local.postgres import Postgres
from deploy.local.services import Service, answers_http
from pipelines.roster.migrations import upgrade
from tests import relays
from tests.faults import cables, traffic
from tests.faults.cables import Machine
from tests.faults.reliability import Report
from tests.journeys import running
from tests.journeys.line import Line, WebApi, differing, snapshot
from tests.journeys.test_crashes import CHANGED, STEP, changed, worker_at
from tests.pipelines.district import District
from tests.relays import Relay

CUT_SECONDS = 30
SETTLED_SECONDS = 5  # after the cut: requests that had begun in it are answered, and the pool has connections again
TOLD_WITHIN = 15  # seconds in which every client hears that the database is away
DELAY_SECONDS = 0.1


@contextmanager
def postgres_on(address: str, folder: Path) -> Iterator[Postgres]:
    """A server that other machines reach at that address too."""
    server = running.own_postgres(folder)
    with (server.data / "pg_hba.conf").open("a") as file:
        file.write("host all all samenet scram-sha-256\n")
    with running.running(server.service(folder / "log", "-c", f"listen_addresses=127.0.0.1,{address}")):
        upgrade(server.url())
        yield server


def api_on(machine: Machine, line: Line) -> Service:
    """The API on the other machine."""
    here = running.gunicorn(line.home, {**line.variables, "ROSTERHUB_BIND": machine.clients.there})
    where = here.where.replace("127.0.0.1", machine.clients.there)
    ready = partial(answers_http, f"{where}/health/live")
    return replace(here, command=machine.command(*here.command), where=where, ready=ready)


def test_the_network_is_cut(tmp_path: Path, report: Report) -> None:
    with cables.machine() as machine, postgres_on(machine.servers.here, tmp_path) as server:
        near = Line(tmp_path, server.url())
        far = replace(near, database_url=server.url().replace("127.0.0.1", machine.servers.here))
        near.take(District())
        key, api = near.key(), api_on(machine, far)
        with running.running(api), traffic.readers(api.where, key) as readers:
            before = snapshot(WebApi(api.where, key))
            near.land(changed())
            with worker_at(far, STEP, *machine.command()) as publication:
                machine.servers.cut()
                cut = time.monotonic()
                assert publication.stdin is not None
                publication.stdin.close()
                time.sleep(CUT_SECONDS)
                machine.servers.mend()
                mended = time.monotonic()
                ended = how_it_ended(publication, near)
            assert processes.wait_until(lambda: bool(readers.since(mended).outcomes()["200"]), 30)
            time.sleep(SETTLED_SECONDS + 1)
            assert differing(before, snapshot(WebApi(api.where, key))) == CHANGED
    assert set(readers.failed()) <= {"503"}
    assert not readers.since(mended + SETTLED_SECONDS).failed()
    waited = max(each.ended - each.began for each in readers.attempts)
    assert waited < TOLD_WITHIN
    meanwhile = traffic.Traffic("200", [each for each in readers.attempts if cut <= each.ended < mended])
    report.tell(
        f"network to PostgreSQL cut for {CUT_SECONDS} s, reads and a publication under way",
        saw=f"{readers.told()}; during the cut {meanwhile.outcomes()['503']} × 503, each within {waited:.0f} s",
        recovery=f"{readers.succeeded_after(mended):.1f} s; the publication {ended}",
    )


def how_it_ended(publication: subprocess.Popen[str], line: Line) -> str:
    """Wait for the publication; where it was taken back, publish again."""
    if publication.wait(90) == 0:
        return "went on where it was"
    assert line.sync().generation == 2
    return "was taken back, and succeeded when repeated"


@pytest.fixture
def network(migrated_url: str) -> Iterator[Relay]:
    with relays.before(urlsplit(migrated_url).port or 5432) as between:
        yield between


@pytest.fixture
def line(tmp_path: Path, migrated_url: str, network: Relay) -> Line:
    """A line behind the network."""
    return Line(tmp_path, migrated_url.replace(f":{urlsplit(migrated_url).port}/", f":{network.port}/"))


def test_the_network_is_slow(line: Line, network: Relay, tmp_path: Path, report: Report) -> None:
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
