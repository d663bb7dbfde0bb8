"""`rosterhub sync`, `plan` and `check` as an operator types them, against a real database and a landing folder."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from tests.pipelines.district import District

Run = Callable[..., Result]


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.fixture
def run(tmp_path: Path, landing: Path, migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    variables = {"ROSTERHUB_HOME": str(tmp_path / "home"), "ROSTERHUB_LANDING": str(landing),
                 "DATABASE_URL": migrated_url, "ROSTERHUB_STABLE_SECONDS": "0"}  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("REDIS_URL", raising=False)
    return lambda *arguments: CliRunner().invoke(main, list(arguments))


def test_a_bundle_is_taken_once(run: Run, landing: Path) -> None:
    District().write(landing / "north" / "monday")
    first = run("sync", "north", "--json")
    assert first.exit_code == 0
    answer = json.loads(first.stdout)
    assert (answer["outcome"], answer["generation"]) == ("published", 1)
    assert answer["entities"]["users"]["inserted"] == 4
    assert {"staging", "references", "changes", "writing"} <= set(answer["seconds"])
    again = run("sync", "north", "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout) | {"seconds": 0} == {
        "outcome": "unchanged", "generation": 1, "fingerprint": answer["fingerprint"], "entities": {}, "reasons": [],
        "needs_bulk": False,
        "seconds": 0,
    }  # fmt: skip
    assert run("sync", "north").stdout.startswith("unchanged")


def test_bundles_are_taken_in_their_order(run: Run, landing: Path) -> None:
    District().write(landing / "north" / "monday")
    run("sync", "north")
    District().change("orgs", "north", name="A").write(landing / "north" / "tuesday")
    assert json.loads(run("sync", "north", "--json").stdout)["generation"] == 2


def test_a_held_bundle_says_how_to_accept_it(run: Run, landing: Path) -> None:
    many = District()
    for number in range(100):
        many.add("enrollments", sourcedId=f"x{number}", classSourcedId="class1", schoolSourcedId="north",
                 userSourcedId="pupil1", role="student")  # fmt: skip
    many.write(landing / "north" / "monday")
    run("sync", "north")
    District().write(landing / "north" / "tuesday")
    held = run("sync", "north")
    assert held.exit_code == 1
    assert "held" in held.stdout
    assert "100 of 103 active enrollments would be marked as deleted." in held.stdout
    command = held.stdout.strip().splitlines()[-1].split()
    assert command[:3] == ["rosterhub", "sync", "north"]
    accepted = run(*command[1:])
    assert accepted.exit_code == 0, accepted.output
    assert accepted.stdout.startswith("published")


def test_a_rejected_bundle_is_told_and_publishes_nothing(run: Run, landing: Path) -> None:
    District().change("orgs", "north", type="nonsense").write(landing / "north" / "monday")
    rejected = run("sync", "north")
    assert rejected.exit_code == 1
    assert "rejected" in rejected.stdout


def test_a_mistyped_source_is_told(run: Run) -> None:
    assert run("sync", "nowhere").exit_code == 1
    assert "has no folder" in run("sync", "nowhere").output
    assert "no source name" in run("sync", "No Where").output


def test_a_plan_shows_and_changes_nothing(run: Run, landing: Path, tmp_path: Path) -> None:
    District().write(landing / "north" / "monday")
    run("sync", "north")
    other = District().change("users", "pupil1", email="x@y").remove("enrollments", "e3").write(tmp_path / "other")
    plan = json.loads(run("plan", "north", "--bundle", str(other), "--json").stdout)
    assert (plan["users"]["changed"], plan["enrollments"]["gone"]) == (1, 1)
    assert json.loads(run("sync", "north", "--json").stdout)["generation"] == 1


def test_a_database_that_is_away_is_told(run: Run, landing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    District().write(landing / "north" / "monday")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    away = run("sync", "north")
    assert away.exit_code == 3
    assert "Traceback" not in away.output


def test_check_prints_json(run: Run, tmp_path: Path) -> None:
    bundle = District().change("users", "pupil2", enabledUser="TRUE").write(tmp_path / "b")
    done = run("check", str(bundle), "--format", "json")
    verdict = json.loads(done.stdout)
    assert done.exit_code == 0
    assert verdict["outcome"] == "warnings"
    assert verdict["entities"]["users"] == {"accepted": 4, "rejected": 0, "warnings": 1}
    assert {"code", "severity", "file", "line", "column", "value", "message", "remedy", "count"} <= set(
        verdict["findings"][0]
    )
    strict = run("check", str(bundle), "--strict")
    assert strict.exit_code == 1
    assert "users.csv line 4, enabledUser" in strict.stdout


def test_a_sync_asks_the_gate(run: Run, landing: Path) -> None:
    """At least half of the usernames must differ: an expectation of level error."""
    district = District()
    for user in district.rows["users"]:
        user["username"] = "same"
    district.write(landing / "north" / "monday")
    refused = run("sync", "north")
    assert refused.exit_code == 1
    assert "usernames differ" in refused.stdout
