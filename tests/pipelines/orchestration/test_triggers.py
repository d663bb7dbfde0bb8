"""What starts runs: arrivals once each and in order, sources as partitions, nights, maintenance."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines import maintenance
from pipelines.orchestration import naming, pausing
from pipelines.orchestration.resources import RosterHub
from pipelines.orchestration.survey import survey
from pipelines.orchestration.triggers import bundle_arrival, schedules
from pipelines.settings import load
from tests.pipelines.district import District
from tests.pipelines.orchestration.conftest import Hub


def tick(hub: Hub, cursor: str | None = None) -> Any:
    """What the sensor answers."""
    context = dg.build_sensor_context(
        instance=hub.instance,
        cursor=cursor,
        definitions=hub.definitions,
        resources={"rosterhub": RosterHub(overrides=hub.variables)},
    )
    return bundle_arrival(context)


def night(hub: Hub, name: str = naming.NIGHTLY_SYNC) -> Any:
    """What a schedule answers."""
    (schedule,) = (schedule for schedule in schedules("Europe/Paris") if schedule.name == name)
    context = dg.build_schedule_context(
        instance=hub.instance, resources={"rosterhub": RosterHub(overrides=hub.variables)}
    )
    return schedule(context)


def test_a_new_folder_becomes_a_source_and_its_bundle_a_run(hub: Hub) -> None:
    path = hub.deliver(District())
    answer = tick(hub)
    (partitions,) = answer.dynamic_partitions_requests
    assert (partitions.partitions_def_name, list(partitions.partition_keys)) == ("source", ["oakdale"])
    (request,) = answer.run_requests
    assert request.partition_key == "oakdale"
    assert request.run_config == {"ops": {"landing__bundle": {"config": {"bundle": str(path)}}}}
    assert request.tags[naming.ARRIVAL_TAG] == "bundle1"


def test_the_run_that_is_requested_is_one_that_the_job_takes(hub: Hub) -> None:
    hub.deliver(District())
    (request,) = tick(hub).run_requests
    hub.instance.add_dynamic_partitions("source", ["oakdale"])
    job = hub.definitions.resolve_job_def("sync")
    assert dg.validate_run_config(job, request.run_config)


def test_an_arrival_is_requested_once(hub: Hub) -> None:
    hub.deliver(District())
    first = tick(hub)
    second = tick(hub, first.cursor)
    assert not second.run_requests
    assert "oakdale: bundle1 was requested" in second.skip_reason.skip_message
    assert second.cursor == first.cursor


def test_the_next_bundle_is_requested_when_the_ledger_has_the_one_before(hub: Hub) -> None:
    hub.deliver(District())
    hub.deliver(District().change("orgs", "north", name="Northern"))
    first = tick(hub)
    assert [request.tags[naming.ARRIVAL_TAG] for request in first.run_requests] == ["bundle1"]
    hub.sync_without_dagster()
    second = tick(hub, first.cursor)
    assert [request.tags[naming.ARRIVAL_TAG] for request in second.run_requests] == ["bundle2"]
    hub.sync_without_dagster()
    assert tick(hub, second.cursor).skip_reason.skip_message == "nothing new has arrived"


def test_the_same_content_sent_again_is_another_run(hub: Hub) -> None:
    hub.deliver(District())
    first = tick(hub)
    hub.sync_without_dagster()
    hub.deliver(District())
    (again,) = tick(hub, first.cursor).run_requests
    assert again.run_key != first.run_requests[0].run_key


def test_sources_do_not_wait_for_one_another(hub: Hub) -> None:
    hub.deliver(District(), "oakdale")
    hub.deliver(District(), "elm")
    assert [request.partition_key for request in tick(hub).run_requests] == ["elm", "oakdale"]


def test_a_bundle_that_is_still_being_uploaded_waits(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.deliver(District())
    patient = load({**hub.variables, "ROSTERHUB_STABLE_SECONDS": "600"}, None)
    monkeypatch.setattr(RosterHub, "settings", lambda _: patient)
    answer = tick(hub)
    assert not answer.run_requests
    assert answer.skip_reason.skip_message == "oakdale: bundle1 is still being uploaded"


def test_a_folder_that_cannot_be_a_source_is_named(hub: Hub) -> None:
    (hub.home / "landing" / "Öakdale").mkdir(parents=True)
    assert tick(hub).skip_reason.skip_message == "Öakdale is no source name"


def test_the_night_takes_what_was_left_but_not_what_is_under_way(hub: Hub, tmp_path: Path) -> None:
    hub.instance = dg.DagsterInstance.local_temp(str(tmp_path))  # schedules look only at kept instances
    hub.deliver(District(), "oakdale")
    hub.deliver(District(), "elm")
    hub.instance.add_dynamic_partitions("source", ["elm"])
    job = hub.definitions.resolve_job_def("sync")
    hub.instance.create_run_for_job(job, tags={"dagster/partition": "elm"}, status=dg.DagsterRunStatus.STARTED)
    assert [request.partition_key for request in night(hub)] == ["oakdale"]
    assert set(hub.instance.get_dynamic_partitions("source")) == {"elm", "oakdale"}


def test_a_night_without_bundles_says_so(hub: Hub) -> None:
    hub.deliver(District())
    hub.sync_without_dagster()
    assert night(hub).skip_message == "every bundle was taken already"


@pytest.mark.parametrize("name", [naming.NIGHTLY_BACKUP, naming.NIGHTLY_DRILL])
def test_every_night_has_a_backup_and_a_drill(hub: Hub, name: str) -> None:
    assert len(night(hub, name)) == 1


def test_maintenance_mode_stops_everything_and_says_so(hub: Hub) -> None:
    hub.deliver(District())
    hub.maintenance = True
    nights = (naming.NIGHTLY_SYNC, naming.NIGHTLY_BACKUP, naming.NIGHTLY_DRILL)
    said = [tick(hub), *(night(hub, name) for name in nights)]
    assert [skipped.skip_message for skipped in said] == [pausing.BY_SETTING] * 4


def test_the_switch_of_maintenance_does_so_too_without_a_restart(hub: Hub) -> None:
    hub.deliver(District())
    maintenance.switch_on(hub.database_url, "new disks")
    said = [tick(hub), night(hub), night(hub, naming.NIGHTLY_BACKUP)]
    assert all(skipped.skip_message.startswith("maintenance mode: new disks, since 20") for skipped in said)
    maintenance.switch_off(hub.database_url)
    assert len(tick(hub).run_requests) == 1


def test_what_the_switch_said_holds_while_the_database_is_away(hub: Hub) -> None:
    pause, settings = pausing.Pause(), load(hub.variables, None)
    maintenance.switch_on(hub.database_url, "new disks")
    said = pause.reason(settings)
    hub.database_url = "postgresql://nobody@127.0.0.1:1/nothing"
    away = load(hub.variables, None)
    assert said
    assert pause.reason(away) == said
    assert pausing.Pause().reason(away) is None


def test_without_the_database_nothing_is_requested_and_the_reason_is_told(hub: Hub) -> None:
    hub.deliver(District())
    hub.database_url = "postgresql://nobody@127.0.0.1:1/nothing"
    assert "PostgreSQL cannot be reached" in tick(hub).skip_message
    assert "PostgreSQL cannot be reached" in night(hub).skip_message


def test_what_waits_is_asked_anew_once_something_else_was_published(hub: Hub) -> None:
    hub.deliver(District())
    hub.sync_without_dagster()
    hub.deliver(District().change("orgs", "north", name="Northern"))
    (before,) = survey(load(hub.variables, None))
    hub.sync_without_dagster()
    hub.deliver(District().change("orgs", "north", name="North-western"))
    (after,) = survey(load(hub.variables, None))
    assert before.request.endswith("after 1")
    assert after.request.endswith("after 2")


def test_schedules_run_in_the_time_zone_of_the_settings(hub: Hub) -> None:
    found = {
        schedule.name: (schedule.cron_schedule, schedule.execution_timezone, schedule.default_status)
        for schedule in hub.definitions.schedules or ()
        if isinstance(schedule, dg.ScheduleDefinition)
    }
    running = dg.DefaultScheduleStatus.RUNNING
    assert found == {
        "nightly_sync": ("0 2 * * *", "Europe/Paris", running),
        "nightly_backup": ("0 3 * * *", "Europe/Paris", running),
        "nightly_drill": ("0 4 * * *", "Europe/Paris", running),
    }
    assert bundle_arrival.default_status == dg.DefaultSensorStatus.RUNNING
