"""The primary dies under load and the standby is promoted: how long readers and writers wait, and what is lost.

The API reads from whichever server answers, the first named first; writers ask for one that takes writes. Both DSNs
name both servers and are never edited.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import psycopg
import pytest

from deploy.local import processes
from deploy.local.postgres import Postgres
from pipelines.roster.migrations import upgrade
from tests.api.conftest import ROSTERING
from tests.faults import pair as pairs
from tests.faults import traffic
from tests.faults.pair import Pair
from tests.faults.reliability import Report
from tests.faults.traffic import Ticks, Traffic
from tests.journeys import running
from tests.journeys.line import Line, WebApi, differing, snapshot
from tests.journeys.test_crashes import CHANGED, STEP, changed, worker_at
from tests.pipelines.district import District

AWAY_SECONDS = 3.0  # until an operator has promoted: readers need nobody meanwhile
A_WHILE = 1.0


@dataclass
class Hub:
    """A line over two servers, an API that reads them, and the traffic on both."""

    pair: Pair
    primary: psutil.Process
    line: Line
    api: WebApi
    readers: Traffic
    ticks: Ticks


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with pairs.replicated(tmp_path) as (pair, primary):
        line = Line(tmp_path, pair.url("read-write"))
        upgrade(line.settings.require_database_url())
        line.take(District())
        key = line.key()
        pairs.wait_for_replay(pair.first, pair.second)
        served = running.gunicorn(tmp_path, line.variables | {"DATABASE_URL": pair.url("any")})
        with (
            running.running(served),
            traffic.readers(served.where, key) as readers,
            traffic.ticking(pair.url("read-write")) as ticks,
        ):
            yield Hub(pair, primary, line, WebApi(served.where, key), readers, ticks)


def lose_the_primary(hub: Hub) -> float:
    """Under load, in the middle of a publication; then promote. Returns the moment at which that was ordered."""
    hub.line.land(changed())
    with worker_at(hub.line, STEP) as publication:
        time.sleep(A_WHILE)
        pairs.crash(hub.primary)
        time.sleep(AWAY_SECONDS)
        ordered = time.monotonic()
        pairs.promote(hub.pair.second)
        pairs.guard(hub.pair.second)
        assert processes.wait_until(lambda: bool(hub.ticks.traffic.since(ordered).outcomes()["committed"]), 30)
        _, said = publication.communicate(timeout=120)
    assert "nothing was published" in said
    return ordered


@pytest.mark.parametrize("replication", ["asynchronous", "synchronous"])
def test_the_primary_dies_and_the_standby_is_promoted(hub: Hub, report: Report, replication: str) -> None:
    if replication == "synchronous":
        wait_for_the_standby(hub.pair)
    before = snapshot(hub.api)
    ordered = lose_the_primary(hub)
    lost = hub.ticks.lost(hub.pair.second.url())
    assert set(hub.readers.failed()) <= {"503"}
    assert hub.readers.failed().total() <= traffic.READERS, "only what was being answered at that moment may fail"
    assert snapshot(hub.api) == before, "a publication that was cut off left something"
    assert lost == set() or replication == "asynchronous"
    assert hub.line.sync().generation == 2
    assert processes.wait_until(lambda: generation(hub.api) == 2, 10)
    assert differing(before, snapshot(hub.api)) == CHANGED
    report.tell(
        f"primary killed while a bundle is published, standby promoted after {AWAY_SECONDS:.0f} s; {replication} "
        "replication",
        saw=f"readers: {hub.readers.told()}; the publication was taken back",
        lost=f"{len(lost)} of {len(hub.ticks.acknowledged)} commits that a writer had been told of",
        recovery=f"writers: {hub.ticks.traffic.succeeded_after(ordered):.1f} s after the order to promote, "
        f"{hub.ticks.traffic.gap():.1f} s in all; readers: at once",
    )


def wait_for_the_standby(pair: Pair) -> None:
    """Commits are acknowledged once the standby has them too: nothing can be lost, and writers need both servers."""
    pairs.administer(pair.first, "ALTER SYSTEM SET synchronous_standby_names = '*'")
    pairs.administer(pair.first, "SELECT pg_reload_conf()")
    is_used = "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')"
    assert processes.wait_until(lambda: bool(pairs.asked(pair.first, is_used)), 10)


def generation(api: WebApi) -> int:
    return int(api.get(f"{ROSTERING}/users?limit=1").headers["X-Roster-Generation"])


def test_the_old_primary_does_not_come_back_as_a_second_one(hub: Hub, report: Report) -> None:
    lose_the_primary(hub)
    with started(hub.pair.first):
        time.sleep(AWAY_SECONDS)
        with pytest.raises(psycopg.OperationalError, match=r"starting up|not accepting connections"):
            psycopg.connect(hub.pair.first.url())
        assert hub.line.sync().generation == 2, "writers still find the new primary, though it is named second"
        assert generation(hub.api) == 2
    again = pairs.copied(hub.pair.second, hub.line.home / "again")
    with running.running(pairs.standing_by(again)):
        pairs.wait_for_replay(hub.pair.second, again)
        assert pairs.is_in_recovery(again) is True
        assert pairs.asked(again, "SELECT generation FROM sources") == 2
    report.tell(
        "the old primary is started again after the failover",
        saw=f"nothing: it waits to be promoted and takes no connection; readers: {hub.readers.told()}",
        recovery="copied anew from the new primary, it follows as a standby",
    )


def test_a_guarded_primary_that_crashed_is_promoted_again(tmp_path: Path) -> None:
    """What the guard costs where there was no failover; the standby goes on following."""
    with pairs.replicated(tmp_path) as (pair, primary):
        pairs.administer(pair.first, "CREATE TABLE kept AS SELECT 1")
        pairs.crash(primary)
        with started(pair.first):
            time.sleep(A_WHILE)
            assert pairs.is_in_recovery(pair.first) is None
            pairs.promote(pair.first)
            assert processes.wait_until(lambda: pairs.is_in_recovery(pair.first) is False, 10)
            pairs.administer(pair.first, "INSERT INTO kept VALUES (2)")
            pairs.wait_for_replay(pair.first, pair.second)
            assert pairs.is_in_recovery(pair.second) is True


@contextmanager
def started(server: Postgres) -> Iterator[None]:
    """The server's process, without waiting for it to take connections: a guarded one does not."""
    with running.running(replace(running.own_service(server), ready=lambda: True)):
        yield
