"""The job `sync`, story by story: what the operator sees in Dagster and what the store holds afterwards."""

import dagster as dg
import psycopg
import pytest

from pipelines import quality
from pipelines.oneroster.registry import ENTITIES
from pipelines.orchestration.assets import roster
from tests.pipelines.district import ROWS, District
from tests.pipelines.orchestration.conftest import Hub, checks, failed_checks, failure, metadata


def count(hub: Hub, table: str) -> int:
    with psycopg.connect(hub.database_url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return row[0]


def outcomes(hub: Hub) -> list[str]:
    with psycopg.connect(hub.database_url) as connection:
        return [row[0] for row in connection.execute("SELECT outcome FROM publications ORDER BY id")]


def grown(pupils: int) -> District:
    district = District()
    for number in range(pupils):
        name = f"more{number}"
        district.add(
            "users", sourcedId=name, enabledUser="true", username=name, givenName="A", familyName="B", email=f"{name}@x"
        )
        district.add(
            "roles", sourcedId=f"r-{name}", userSourcedId=name, roleType="primary", role="student", orgSourcedId="north"
        )
    return district


def test_a_bundle_becomes_tables_and_every_asset_says_what_it_holds(hub: Hub) -> None:
    hub.deliver(District())
    result = hub.sync()
    assert result.success
    assert len(result.get_asset_materialization_events()) == 2 + 2 * len(ENTITIES)
    for entity in ENTITIES:
        rows = len(ROWS[entity.name])
        assert count(hub, entity.table) == rows
        staged = metadata(result, f"staged/{entity.table}")
        assert (staged["accepted"], staged["rejected"], staged["dagster/row_count"]) == (rows, 0, rows)
        published = metadata(result, f"roster/{entity.table}")
        assert (published["inserted"], published["gone"], published["generation"]) == (rows, 0, 1)
    assert metadata(result, "landing/bundle")["files"] == len(ENTITIES)
    assert not list((hub.home / "runs" / "oakdale").iterdir())
    evaluated = {name for asset, name in checks(result) if asset == "quality/gate"}
    assert evaluated == {expectation.name for expectation in quality.expectations()}
    with psycopg.connect(hub.database_url) as connection:
        assert connection.execute("SELECT run_id FROM publications").fetchall() == [(result.run_id,)]


def test_files_that_are_absent_are_materialised_without_rows(hub: Hub) -> None:
    hub.deliver(District().only("orgs"))
    result = hub.sync(only=["landing/bundle", "staged/results"])
    assert result.success
    assert metadata(result, "staged/results")["mode"] == "absent"
    assert metadata(result, "staged/results")["accepted"] == 0


def test_bundles_are_taken_oldest_first_and_then_nothing_is_left(hub: Hub) -> None:
    hub.deliver(District())
    second = hub.deliver(grown(1))
    hub.sync_without_dagster()
    assert metadata(hub.sync(), "landing/bundle")["path"] == str(second)
    nothing = hub.sync()
    assert not nothing.success
    assert "nothing new lies in" in failure(nothing).description
    assert outcomes(hub) == ["published", "published"]


def test_a_bundle_that_is_named_is_taken_again_and_unchanged(hub: Hub) -> None:
    path = hub.deliver(District())
    hub.sync_without_dagster()
    again = hub.sync(bundle=str(path))
    assert again.success
    assert metadata(again, "roster/users")["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("file", "sourced_id", "cells", "check"),
    [
        ("users", "pupil1", {"enabledUser": "perhaps"}, "values"),
        ("users", "pupil1", {"sourcedId": ""}, "identity"),
        ("classes", "class1", {"title": "two\nlines"}, "structure"),
    ],
)
def test_each_family_of_rules_has_a_check_that_bites(
    hub: Hub, file: str, sourced_id: str, cells: dict[str, str], check: str
) -> None:
    hub.deliver(District().change(file, sourced_id, **cells))
    result = hub.sync(only=["landing/bundle", f"staged/{file}"])
    assert failed_checks(result) == {(f"staged/{file}", check)}


def test_an_unknown_column_fails_the_header_check_as_a_warning(hub: Hub) -> None:
    district = District()
    district.extra_columns["orgs"] = ["shoeSize"]
    hub.deliver(district)
    result = hub.sync(only=["landing/bundle", "staged/orgs"])
    assert result.success
    assert failed_checks(result) == {("staged/orgs", "header")}
    evaluation = checks(result)["staged/orgs", "header"]
    assert evaluation.severity == dg.AssetCheckSeverity.WARN
    assert evaluation.metadata["warnings"].value == 1


def test_a_reference_to_nowhere_fails_the_references_check(hub: Hub) -> None:
    hub.deliver(District().change("orgs", "south", parentSourcedId="nowhere"))
    result = hub.sync()
    assert result.success
    assert {found for found in failed_checks(result) if found[0] != "quality/gate"} == {("roster/orgs", "references")}


def test_an_unreadable_bundle_is_rejected_in_the_ledger_and_fails_the_run(hub: Hub) -> None:
    path = hub.deliver(District())
    (path / "manifest.csv").unlink()
    result = hub.sync()
    assert not result.success
    assert ("landing/bundle", "opening") in failed_checks(result)
    assert "oakdale: rejected" in failure(result).description
    assert outcomes(hub) == ["rejected"]
    assert count(hub, "users") == 0


def test_a_held_bundle_says_why_what_would_change_and_how_to_let_it_through(hub: Hub) -> None:
    hub.deliver(grown(60))
    hub.sync_without_dagster()
    hub.deliver(District())
    held = hub.sync()
    assert not held.success
    assert {found for found in failed_checks(held) if found[1] == "guard"} == {
        ("roster/users", "guard"),
        ("roster/roles", "guard"),
    }
    said = failure(held)
    assert "60 of 64 active users would be marked as deleted" in said.description
    command = said.description.splitlines()[-1].split("publish it with: ")[1]
    fingerprint = metadata(held, "landing/bundle")["fingerprint"]
    assert command == f"rosterhub sync oakdale --accept {fingerprint}"
    preview = {record.data["entity"]: record.data for record in said.metadata["changes"].value.records}
    assert preview["users"]["gone"] == 60

    accepted = hub.sync(accept=fingerprint)
    assert accepted.success
    assert metadata(accepted, "roster/users")["gone"] == 60


def test_a_broken_expectation_of_level_error_keeps_the_bundle_out(hub: Hub) -> None:
    district = District()
    for row in district.rows["users"]:
        row["username"] = "x"
    hub.deliver(district)
    result = hub.sync()
    assert not result.success
    assert ("quality/gate", "users_usernames_mean_something") in failed_checks(result)
    assert "users.csv: Expected of users.csv as a whole" in failure(result).description
    assert outcomes(hub) == ["rejected"]


def test_no_value_of_a_cell_enters_dagster(hub: Hub) -> None:
    hub.deliver(District().change("users", "pupil1", enabledUser="secret-cell", sourcedId="secret-id\x07"))
    result = hub.sync()
    assert failed_checks(result)
    logged = [str(record) for record in hub.instance.all_logs(result.run_id)]
    assert "secret" not in "".join(logged)


def test_a_run_that_is_cancelled_leaves_nothing_and_can_be_repeated(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.deliver(District())
    publish = roster.publish

    def cancelled_while_writing(*args: object, **named: object) -> object:
        def progress(step: str) -> None:
            if step == "writing results":
                raise dg.DagsterExecutionInterruptedError

        return publish(*args, **{**named, "progress": progress})

    with monkeypatch.context() as patch:
        patch.setattr(roster, "publish", cancelled_while_writing)
        assert not hub.sync().success
    assert (count(hub, "users"), count(hub, "publications")) == (0, 0)
    hub.sync_without_dagster()


def test_without_a_database_the_run_fails_with_the_remedy(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dg.RetryPolicy, "calculate_delay", lambda policy, attempt: 0)
    hub.deliver(District())
    hub.database_url = "postgresql://nobody@127.0.0.1:1/nothing"
    result = hub.sync()
    assert retries(result) == 4
    assert "PostgreSQL cannot be reached" in failure(result).description
    assert failure(result).metadata == {}


def test_an_asset_on_its_own_says_that_assets_are_made_together(hub: Hub) -> None:
    result = hub.sync(only=["staged/users"])
    assert not result.success
    (event,) = (event for event in result.all_events if event.is_step_failure)
    assert "Launch the job `sync`" in event.step_failure_data.error_display_string


def test_files_of_runs_that_did_not_end_well_go_after_a_while(hub: Hub) -> None:
    path = hub.deliver(District())
    for _ in range(5):
        hub.sync(only=["landing/bundle"], bundle=str(path))
    assert len(list((hub.home / "runs" / "oakdale").iterdir())) == 3


def retries(result: dg.ExecuteInProcessResult) -> int:
    return sum(event.event_type == dg.DagsterEventType.STEP_UP_FOR_RETRY for event in result.all_events)


def test_what_would_fail_again_is_not_tried_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = hub.sync()  # nothing lies there
    assert (refused.success, retries(refused)) == (False, 0)

    def bug(*args: object, **named: object) -> None:
        raise ZeroDivisionError("division by zero")

    hub.deliver(District())
    monkeypatch.setattr(roster, "publish", bug)
    broken = hub.sync()
    assert (broken.success, retries(broken)) == (False, 0)
    assert failure(broken).description == "unexpected ZeroDivisionError"


def test_an_import_is_found_in_the_log_by_csv_source_and_run(hub: Hub, capfd: pytest.CaptureFixture[str]) -> None:
    hub.deliver(District())
    done, failed = hub.sync(), hub.sync()
    lines = [line for line in capfd.readouterr().err.splitlines() if "CSV" in line and "oakdale" in line]
    of_first = [line for line in lines if done.run_id in line]
    assert any('"event": "opened", "arrival": "bundle1"' in line for line in of_first)
    assert any('"event": "published", "generation": 1' in line for line in of_first)
    assert any('"event": "failed", "step": "landing__bundle"' in line for line in lines if failed.run_id in line)
