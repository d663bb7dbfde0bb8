"""What Dagster knows of its runs, told to the roster database twice a minute: the API's metrics read it there.

A tick that finds the database away loses nothing: the next one tells of all that ended since.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from pipelines import run_records
from pipelines.errors import RosterHubError
from pipelines.orchestration import naming
from pipelines.orchestration.resources import RosterHub
from pipelines.run_records import LastRun

_EVERY_SECONDS = 30
_AT_A_TIME = 500
_JOBS = (naming.SYNC_JOB, naming.BACKUP_JOB, naming.DRILL_JOB)


@dg.sensor(
    name=naming.RUN_STATES,
    minimum_interval_seconds=_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells the roster database how many runs are in which state, for /metrics. Starts nothing.",
)
def run_states(context: dg.SensorEvaluationContext, rosterhub: RosterHub) -> dg.SkipReason:
    """The cursor keeps until when runs that ended have been told."""
    records = _ended(context.instance, context.cursor)
    try:
        url = rosterhub.settings().require_database_url()
        run_records.tell(url, _counts(context.instance), map(_last_run, records))
        run_records.forget(url, _gone(context.instance, run_records.last_runs(url)))
    except RosterHubError as error:
        return dg.SkipReason(str(error))
    if records:
        context.update_cursor(records[-1].update_timestamp.astimezone(UTC).isoformat())
    return dg.SkipReason(f"told of {len(records)} runs that ended")


def _gone(instance: dg.DagsterInstance, told: set[str]) -> set[str]:
    """Those that were deleted: whoever clears a failed run does not want to be warned of it any more."""
    kept = instance.get_runs(dg.RunsFilter(run_ids=list(told))) if told else []
    return told - {run.run_id for run in kept}


def _counts(instance: dg.DagsterInstance) -> dict[tuple[str, str], int]:
    return {
        (job, status): instance.get_runs_count(_runs(job, status)) for job in _JOBS for status in run_records.STATUSES
    }


def _runs(job: str, status: str) -> dg.RunsFilter:
    return dg.RunsFilter(job_name=job, statuses=list(_statuses(status)))


def _statuses(*words: str) -> Iterator[dg.DagsterRunStatus]:
    return (dg.DagsterRunStatus(name) for name in run_records.dagster_statuses(words))


def _ended(instance: dg.DagsterInstance, cursor: str | None) -> list[dg.RunRecord]:
    """Runs that ended since, in order."""
    since = datetime.fromisoformat(cursor) if cursor else None
    wanted = dg.RunsFilter(statuses=list(_statuses(*run_records.ENDED)), updated_after=since)
    return list(instance.get_run_records(wanted, limit=_AT_A_TIME, order_by="update_timestamp", ascending=True))


def _last_run(record: dg.RunRecord) -> LastRun:
    run = record.dagster_run
    ended = record.end_time or record.update_timestamp.timestamp()
    return LastRun(
        job=run.job_name,
        source=run.tags.get(naming.PARTITION_TAG, ""),
        status=run_records.word(run.status.value),
        run_id=run.run_id,
        ended_at=datetime.fromtimestamp(ended, UTC),
        seconds=round(ended - (record.start_time or ended), 3),
    )
