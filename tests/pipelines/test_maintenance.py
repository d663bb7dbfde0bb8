"""The switch of maintenance, and the command that throws it."""

import json

import pytest
from click.testing import CliRunner, Result

from pipelines import cli, maintenance
from pipelines.errors import DependencyAway, Refused


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["maintenance", *arguments])


def test_it_is_off_until_it_is_switched_on(migrated_url: str) -> None:
    assert maintenance.state(migrated_url) is None
    first = maintenance.switch_on(migrated_url, "new disks")
    again = maintenance.switch_on(migrated_url, "still the disks")
    assert (again.since, again.reason) == (first.since, "still the disks")
    assert maintenance.state(migrated_url) == again
    assert maintenance.switch_off(migrated_url)
    assert not maintenance.switch_off(migrated_url)


def test_the_command(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    assert json.loads(run("status", "--json").output) == {"on": False}
    assert "new disks" in run("on", "--reason", "new disks").output
    told = json.loads(run("status", "--json").output)
    assert (told["on"], told["reason"]) == (True, "new disks")
    assert run("off").output.startswith("maintenance is off\n")
    assert run("off").output == "maintenance was off\n"


def test_a_setting_that_stays_is_pointed_out(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    monkeypatch.setenv("MAINTENANCE_MODE", "true")
    assert "MAINTENANCE_MODE is set here" in run("off").output


def test_before_the_migration_and_without_a_database(database_url: str) -> None:
    with pytest.raises(Refused, match="rosterhub migrate"):
        maintenance.state(database_url)
    with pytest.raises(DependencyAway):
        maintenance.state("postgresql://nobody@127.0.0.1:1/nothing")
