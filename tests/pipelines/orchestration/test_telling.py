"""What the daemon tells the roster database of runs: how many there are by state, and how the last ones ended."""

from pathlib import Path

import dagster as dg
import psycopg
import pytest

from pipelines.orchestration import naming
from pipelines.orchestration.resources import RosterHub
from pipelines.orchestration.telling import run_states
from pipelines.run_records import STATUSES, dagster_statuses, word
from tests.pipelines.orchestration.conftest import Hub

SYNC = naming.SYNC_JOB


def tick(hub: Hub, cursor: str | None = None) -> tuple[str, str | None]:
    """What the sensor says, and the cursor that it leaves."""
    context = dg.build_sensor_context(
        instance=hub.instance, cursor=cursor, resources={"rosterhub": RosterHub(overrides=hub.variables)}
    )
    answer = run_states(context)
    assert isinstance(answer, dg.SkipReason)
    return answer.skip_message or "", context.cursor


def told(hub: Hub, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(hub.database_url) as connection:
        return connection.execute(statement.encode()).fetchall()


@pytest.fixture
def hub(hub: Hub, tmp_path: Path) -> Hub:
    hub.instance = dg.DagsterInstance.local_temp(str(tmp_path))
    return hub


def run(hub: Hub, source: str, status: dg.DagsterRunStatus) -> dg.DagsterRun:
    job = hub.definitions.resolve_job_def(SYNC)
    return hub.instance.create_run_for_job(job, tags={naming.PARTITION_TAG: source}, status=status)


def test_runs_are_counted_by_state(hub: Hub) -> None:
    for status in (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED):
        run(hub, "oakdale", status)
    tick(hub)
    counted = told(hub, "SELECT status, runs FROM run_states WHERE job = 'sync' AND runs > 0 ORDER BY 1")
    assert counted == [("queued", 1), ("started", 2)]
    assert told(hub, "SELECT count(DISTINCT status) FROM run_states WHERE job = 'restore_drill'") == [(len(STATUSES),)]


def test_the_last_run_of_each_source_is_told_once(hub: Hub) -> None:
    first = run(hub, "oakdale", dg.DagsterRunStatus.STARTED)
    hub.instance.report_run_failed(first)
    said, cursor = tick(hub)
    assert said == "told of 1 runs that ended"
    assert told(hub, "SELECT source, status, run_id FROM last_runs") == [("oakdale", "failed", first.run_id)]
    assert tick(hub, cursor) == ("told of 0 runs that ended", cursor)
    second = run(hub, "oakdale", dg.DagsterRunStatus.STARTED)
    hub.instance.report_run_canceled(second)
    tick(hub, cursor)
    assert told(hub, "SELECT source, status, run_id FROM last_runs") == [("oakdale", "canceled", second.run_id)]


def test_a_run_that_was_cleared_is_told_of_no_longer(hub: Hub) -> None:
    failed = run(hub, "oakdale", dg.DagsterRunStatus.STARTED)
    hub.instance.report_run_failed(failed)
    _, cursor = tick(hub)
    hub.instance.delete_run(failed.run_id)
    tick(hub, cursor)
    assert told(hub, "SELECT count(*) FROM last_runs") == [(0,)]


def test_nothing_is_forgotten_while_the_database_is_away(hub: Hub) -> None:
    hub.instance.report_run_failed(run(hub, "oakdale", dg.DagsterRunStatus.STARTED))
    real, hub.database_url = hub.database_url, "postgresql://nobody@127.0.0.1:1/nothing"
    said, cursor = tick(hub)
    assert "PostgreSQL cannot be reached" in said
    hub.database_url = real
    assert tick(hub, cursor)[0] == "told of 1 runs that ended"


def test_every_state_of_dagster_has_a_word() -> None:
    known = set(dagster_statuses(STATUSES))
    others = {status.value for status in dg.DagsterRunStatus} - known
    assert others == {"MANAGED", "SUSPENDED"}  # neither is used by open-source Dagster for runs of its own
    assert [word(name) for name in ("QUEUED", "FAILURE", "MANAGED")] == ["queued", "failed", "managed"]


def test_runs_that_hang_or_die_are_looked_after(hub: Hub) -> None:
    for name in (naming.SYNC_JOB, naming.BACKUP_JOB, naming.DRILL_JOB):
        assert int(hub.definitions.resolve_job_def(name).tags["dagster/max_runtime"]) > 0
