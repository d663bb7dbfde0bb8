"""What starts runs: a sensor for bundles that arrive, schedules for what is left of them and for backups."""

import json
from collections.abc import Callable

import dagster as dg

from pipelines.errors import RosterHubError
from pipelines.orchestration import naming
from pipelines.orchestration.pausing import PAUSE
from pipelines.orchestration.resources import RosterHub
from pipelines.orchestration.survey import Waiting, remarks, survey
from pipelines.run_records import QUEUED, STARTED, dagster_statuses
from pipelines.settings import Settings

LOOKS_EVERY = 30  # seconds
_UNDER_WAY = [dg.DagsterRunStatus(name) for name in dagster_statuses((QUEUED, STARTED))]


@dg.sensor(
    name=naming.BUNDLE_ARRIVAL,
    job_name=naming.SYNC_JOB,
    minimum_interval_seconds=LOOKS_EVERY,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="A new folder in the landing folder becomes a source, a new bundle in it a run.",
)
def bundle_arrival(context: dg.SensorEvaluationContext, rosterhub: RosterHub) -> dg.SensorResult | dg.SkipReason:
    """One run per source at a time, for its oldest bundle; the cursor keeps what was requested last."""
    try:
        settings = rosterhub.settings()
        if paused := PAUSE.reason(settings):
            return dg.SkipReason(paused)
        waiting = list(survey(settings))
    except RosterHubError as error:
        return dg.SkipReason(str(error))
    requested: dict[str, str] = json.loads(context.cursor or "{}")
    new = [one for one in waiting if one.arrival and requested.get(one.source) != one.request]
    reasons = [*_still_going(waiting, new), *remarks(settings, waiting)]
    return dg.SensorResult(
        run_requests=[_request(one) for one in new],
        skip_reason=None if new else "; ".join(reasons) or "nothing new has arrived",
        cursor=json.dumps(requested | {one.source: one.request for one in new}),
        dynamic_partitions_requests=_new_sources(context.instance, waiting),
    )


def _still_going(waiting: list[Waiting], new: list[Waiting]) -> list[str]:
    return [
        f"{one.source}: {one.arrival.name} was requested and is not in the ledger yet; if its run failed, re-execute it"
        for one in waiting
        if one.arrival and one not in new
    ]


def _request(one: Waiting) -> dg.RunRequest:
    """A run bound to the arrival: what its page names is what it takes, however long it was queued."""
    assert one.arrival is not None, one.source  # noqa: S101  asked only where something waits
    config = {"ops": {naming.op_name(naming.BUNDLE): {"config": {"bundle": str(one.arrival.path)}}}}
    return dg.RunRequest(
        run_key=one.request,
        partition_key=one.source,
        run_config=config,
        tags={naming.ARRIVAL_TAG: one.arrival.name},
    )


def _new_sources(instance: dg.DagsterInstance, waiting: list[Waiting]) -> list[dg.AddDynamicPartitionsRequest]:
    known = set(instance.get_dynamic_partitions(naming.SOURCES.name or ""))
    new = [one.source for one in waiting if one.source not in known]
    return [naming.SOURCES.build_add_request(new)] if new else []


def schedules(time_zone: str) -> list[dg.ScheduleDefinition]:
    """The nightly schedules, in that time zone."""
    return [
        _nightly(naming.NIGHTLY_SYNC, naming.SYNC_JOB, "0 2 * * *", time_zone, _unfinished_sources),
        _nightly(naming.NIGHTLY_BACKUP, naming.BACKUP_JOB, "0 3 * * *", time_zone, _one_backup),
        _nightly(naming.NIGHTLY_DRILL, naming.DRILL_JOB, "0 4 * * *", time_zone, _one_drill),
    ]


Requests = list[dg.RunRequest] | dg.SkipReason


def _nightly(
    name: str,
    job: str,
    cron: str,
    time_zone: str,
    decide: Callable[[dg.ScheduleEvaluationContext, Settings], Requests],
) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        job_name=job,
        cron_schedule=cron,
        execution_timezone=time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=decide.__doc__,
    )
    def nightly(context: dg.ScheduleEvaluationContext, rosterhub: RosterHub) -> Requests:
        try:
            settings = rosterhub.settings()
            paused = PAUSE.reason(settings)
            return dg.SkipReason(paused) if paused else decide(context, settings)
        except RosterHubError as error:
            return dg.SkipReason(str(error))

    return nightly


def _unfinished_sources(context: dg.ScheduleEvaluationContext, settings: Settings) -> Requests:
    """Takes up what the sensor's runs left: every source with a bundle that the ledger has not seen."""
    surveyed = list(survey(settings))
    waiting = [one for one in surveyed if one.arrival]
    idle = [one for one in waiting if not _is_busy(context.instance, one.source)]
    if not idle:
        busy = ", ".join(one.source for one in waiting)
        reasons = [f"runs are under way for {busy}"] if busy else remarks(settings, surveyed)
        return dg.SkipReason("; ".join(reasons) or "every bundle was taken already")
    context.instance.add_dynamic_partitions(naming.SOURCES.name or "", [one.source for one in idle])
    return [dg.RunRequest(partition_key=one.source) for one in idle]


def _is_busy(instance: dg.DagsterInstance, source: str) -> bool:
    going = dg.RunsFilter(job_name=naming.SYNC_JOB, tags={naming.PARTITION_TAG: source}, statuses=_UNDER_WAY)
    return instance.get_runs_count(going) > 0


def _one_backup(context: dg.ScheduleEvaluationContext, settings: Settings) -> Requests:
    """Backs up the roster every night and verifies the backup."""
    return [dg.RunRequest()]


def _one_drill(context: dg.ScheduleEvaluationContext, settings: Settings) -> Requests:
    """Restores the newest backup every night, an hour after it was made."""
    return [dg.RunRequest()]
