"""A backup is believed only once it was restored and found equal."""

import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from pipelines.backups import Backup, backing_up, backup, backups, latest, programs, shelf, verify
from pipelines.backups.inventory import TableFacts, differences
from pipelines.commands.backup import backup as command
from pipelines.errors import DependencyAway, Refused
from pipelines.settings import Settings, load
from tests.pipelines.conftest import Publish
from tests.pipelines.district import ROWS, District


@pytest.fixture
def settings(tmp_path: Path, migrated_url: str) -> Settings:
    return load({"ROSTERHUB_HOME": str(tmp_path), "DATABASE_URL": migrated_url}, None)


@pytest.fixture
def made(settings: Settings, publish_district: Publish) -> Backup:
    """A backup of a published district."""
    publish_district(District())
    return backup(settings, settings.home / "backups")


def scratch_databases(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'rosterhub_scratch_%'")
        return [name for (name,) in rows if f"_{os.getpid()}_" in name]


def test_a_backup_holds_every_row_and_was_restored(made: Backup, settings: Settings) -> None:
    assert made.is_good
    assert made.tables["users"].rows == len(ROWS["users"])
    assert {"publications", "sources", "alembic_version"} <= made.tables.keys()
    assert scratch_databases(settings.require_database_url()) == []


def test_the_files_are_private_whole_and_lead_to_the_latest(made: Backup) -> None:
    folder = made.path.parent
    assert (folder / "latest.dump").resolve() == made.path
    digest = hashlib.sha256(made.path.read_bytes()).hexdigest()
    assert Path(f"{made.path}.sha256").read_text() == f"{digest}  {made.path.name}\n"
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert not list(folder.glob("*.unfinished"))
    assert backups(folder) == [made]
    assert latest(folder) == made


def test_verifying_again_finds_it_equal_although_the_roster_went_on(
    made: Backup, settings: Settings, publish_district: Publish
) -> None:
    publish_district(District().change("orgs", "north", name="Northern"))
    assert verify(settings, made).is_good


def test_a_file_that_was_changed_is_found_out(made: Backup, settings: Settings) -> None:
    made.path.write_bytes(made.path.read_bytes()[:-1])
    assert verify(settings, made).faults == ("the file was changed since it was made: its SHA-256 is another",)
    assert not backups(made.path.parent)[0].is_good


def test_a_dump_that_does_not_restore_is_found_out(made: Backup, settings: Settings) -> None:
    made.path.write_bytes(made.path.read_bytes()[:2000])
    cut = shelf.Backup(**{**vars(made), "sha256": shelf.sha256_of(made.path)})
    (fault,) = verify(settings, cut).faults or ()
    assert fault.startswith("pg_restore: ")


def test_other_content_is_found_out(made: Backup, settings: Settings) -> None:
    users = made.tables["users"]
    told = {**made.tables, "users": TableFacts(users.rows, "0")}
    wrong = shelf.Backup(**{**vars(made), "tables": told})
    assert verify(settings, wrong).faults == (f"table users has {users.rows} rows, but not the same ones",)


def test_what_is_no_good_does_not_become_the_latest(
    made: Backup, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backing_up, "_restore", lambda *_: ("pg_restore: no",))
    monkeypatch.setattr(shelf, "name_at", lambda _: "rosterhub-29990101T000000Z.dump")
    second = backup(settings, made.path.parent)
    assert second.faults == ("pg_restore: no",)
    assert latest(made.path.parent) == made


def test_differences_name_the_tables() -> None:
    expected = {"a": TableFacts(1, "x"), "b": TableFacts(2, "x"), "c": TableFacts(1, "x")}
    found = {"a": TableFacts(1, "x"), "b": TableFacts(1, "x"), "d": TableFacts(1, "x")}
    assert differences(expected, found) == (
        "table b has 1 rows, not 2",
        "table c is missing",
        "table d was not there when the backup was made",
    )


def test_two_backups_at_once_are_refused(settings: Settings) -> None:
    folder = settings.home / "backups"
    with shelf.locked(folder), pytest.raises(Refused, match="another backup"), shelf.locked(folder):
        pass


def test_what_a_killed_backup_left_goes(settings: Settings) -> None:
    folder = settings.home / "backups"
    folder.mkdir()
    (folder / "rosterhub-20200101T000000Z.dump.unfinished").write_text("half")
    with shelf.locked(folder):
        assert not list(folder.glob("*.unfinished"))


def test_programs_older_than_the_server_are_refused_by_name(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "bin"
    old.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (old / name).write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
        (old / name).chmod(0o755)
    monkeypatch.setattr(programs, "_folders", lambda _: iter([old]))
    with psycopg.connect(settings.require_database_url()) as connection, pytest.raises(DependencyAway) as raised:
        programs.fitting(connection)
    assert f"9 in {old}" in str(raised.value)
    assert "ROSTERHUB_PG_BIN" in str(raised.value)


def test_the_password_is_not_on_the_command_line() -> None:
    environment = programs.libpq_environment("postgresql://user:se%20cret@host:5433/roster?sslmode=require")
    assert environment["PGPASSWORD"] == "se cret"
    assert (environment["PGHOST"], environment["PGPORT"], environment["PGDATABASE"]) == ("host", "5433", "roster")
    assert environment["PGSSLMODE"] == "require"


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The command as an operator gives it."""
    monkeypatch.setattr("pipelines.settings.load", lambda: settings)

    def invoke(*words: str) -> str:
        result = CliRunner().invoke(command, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return invoke


def test_the_command_creates_lists_and_verifies(run: Callable[..., str], settings: Settings) -> None:
    assert "no backups yet" in run("list")
    created = json.loads(run("create", "--json"))
    assert created["faults"] == []
    assert created["path"] in run("list")
    assert "verified" in run("verify")
    assert json.loads(run("list", "--json"))[0]["sha256"] == created["sha256"]


def test_verifying_without_a_backup_says_how_to_make_one(run: Callable[..., str]) -> None:
    with pytest.raises(Refused, match="rosterhub backup create"):
        run("verify")
