"""A backup is believed only once it was restored and found equal."""

import hashlib
import os
import stat
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from pipelines.backups import Backup, backing_up, backup, backups, latest, programs, scratch, shelf, verify
from pipelines.backups.inventory import TableFacts, differences
from pipelines.errors import DependencyAway, Refused
from pipelines.settings import Settings
from tests.pipelines.conftest import Publish
from tests.pipelines.district import ROWS, District


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
    folder = made.folder
    for link, file in zip(("latest.dump", "latest_backup.sql.gz"), made.files, strict=True):
        path = (folder / link).resolve()
        assert path == folder / file.name
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert Path(f"{path}.sha256").read_text() == f"{digest}  {file.name}\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(folder.glob("*.unfinished"))
    assert backups(folder) == [made]
    assert latest(folder) == made


def test_the_checksums_are_those_that_sha256sum_reads(made: Backup) -> None:
    sums = sorted(path.name for path in made.folder.glob("*.sha256"))
    subprocess.run(["sha256sum", "--check", "--strict", *sums], cwd=made.folder, check=True, capture_output=True)


def test_verifying_again_finds_it_equal_although_the_roster_went_on(
    made: Backup, settings: Settings, publish_district: Publish
) -> None:
    publish_district(District().change("orgs", "north", name="Northern"))
    assert verify(settings, made).is_good


def test_a_byte_that_was_changed_is_found_out_in_either_file(made: Backup, settings: Settings) -> None:
    for file in made.files:
        path = made.folder / file.name
        content = path.read_bytes()
        path.write_bytes(content[:500] + bytes([content[500] ^ 1]) + content[501:])
        assert verify(settings, made).faults == (
            f"{path}: the file was changed since it was made: its SHA-256 is another",
        )
        path.write_bytes(content)


def test_a_file_that_is_gone_is_missed(made: Backup, settings: Settings) -> None:
    assert made.script
    (made.folder / made.script.name).unlink()
    assert verify(settings, made).faults == (f"{made.folder / made.script.name} is missing",)


def test_what_is_found_to_be_no_good_is_the_latest_no_longer(made: Backup, settings: Settings) -> None:
    second = backup(settings, made.folder)
    assert latest(made.folder) == second
    second.path.write_bytes(second.path.read_bytes()[:-1])
    verify(settings, second)
    assert latest(made.folder) == made
    assert (made.folder / "latest.dump").resolve() == made.path
    made.path.write_bytes(made.path.read_bytes()[:-1])
    verify(settings, made)
    assert not list(made.folder.glob("latest*"))


def test_verifying_an_older_one_does_not_make_it_the_latest(made: Backup, settings: Settings) -> None:
    second = backup(settings, made.folder)
    assert verify(settings, made).is_good
    assert latest(made.folder) == second


def shortened(made: Backup, index: int, size: int) -> Backup:
    """A backup one file of which was cut off before its SHA-256 was taken."""
    path = made.folder / made.files[index].name
    path.write_bytes(path.read_bytes()[:size])
    return replace(made, **{("dump", "script")[index]: shelf.facts_of(path, path.name)})


def test_a_dump_that_does_not_restore_is_found_out(made: Backup, settings: Settings) -> None:
    (fault,) = verify(settings, shortened(made, 0, 2000)).faults
    assert fault.startswith("pg_restore: ")


def test_a_script_that_is_cut_off_is_found_out(made: Backup, settings: Settings) -> None:
    (fault,) = verify(settings, shortened(made, 1, 2000)).faults
    assert fault.startswith("gunzip: ")


def test_other_content_is_found_out(made: Backup, settings: Settings) -> None:
    users = made.tables["users"]
    told = {**made.tables, "users": TableFacts(users.rows, "0")}
    fault = f"table users has {users.rows} rows, but not the same ones"
    assert verify(settings, replace(made, tables=told)).faults == (fault, fault)


def test_what_is_no_good_does_not_become_the_latest(
    made: Backup, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backing_up, "compare", lambda *_: ("pg_restore: no",))
    second = backup(settings, made.folder)
    assert second.faults == ("pg_restore: no",)
    assert second.script is None
    assert latest(made.folder) == made


def test_a_drill_says_when_and_how_long(made: Backup, settings: Settings) -> None:
    assert made.drilled_at is None
    drilled = verify(settings, made)
    assert drilled.drilled_at
    assert drilled.drill_seconds
    assert backups(made.folder) == [drilled]


def test_two_in_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    moment = datetime(2026, 9, 1, 1, 0, 0, tzinfo=UTC)
    (tmp_path / "rosterhub-20260901T010000Z.json").touch()
    assert shelf.free_name(tmp_path, moment) == "rosterhub-20260901T010001Z"


def test_without_room_the_folder_and_the_numbers_are_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=3 * 2**20))
    with pytest.raises(
        Refused, match=r"no room for a backup in .*: about [\d.]+ MiB are needed, 3.0 MiB are free"
    ) as told:
        backup(settings, settings.backup_folder)
    assert str(settings.backup_folder) in str(told.value)


def test_notes_that_are_damaged_are_named(made: Backup) -> None:
    shelf.notes_of(made).write_text("{")
    with pytest.raises(Refused, match=f"its notes {made.name}.json are missing or damaged"):
        shelf.at(made.path)


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
    old = programs_of(tmp_path, "9.6.1")
    monkeypatch.setattr(programs, "_folders", lambda _: iter([old]))
    with psycopg.connect(settings.require_database_url()) as connection, pytest.raises(DependencyAway) as raised:
        programs.fitting(connection)
    assert f"9 in {old}" in str(raised.value)
    assert "ROSTERHUB_PG_BIN" in str(raised.value)


def programs_of(folder: Path, version: str) -> Path:
    """A folder with programs that can say their version."""
    made = folder / version
    made.mkdir()
    for name in ("pg_dump", "pg_restore", "psql"):
        (made / name).write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
        (made / name).chmod(0o755)
    return made


def test_programs_of_the_servers_own_version_go_before_newer_ones(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(settings.require_database_url()) as connection:
        server = connection.info.server_version // 10_000
        there = [programs_of(tmp_path, f"{server + more}.0") for more in (2, 1, 0)]
        for folders in (there, there[:2]):
            monkeypatch.setattr(programs, "_folders", lambda _, folders=folders: iter(folders))
            assert programs.fitting(connection).folder == folders[-1]


def test_the_password_is_not_on_the_command_line() -> None:
    environment = programs.libpq_environment("postgresql://user:se%20cret@host:5433/roster?sslmode=require")
    assert environment["PGPASSWORD"] == "se cret"
    assert (environment["PGHOST"], environment["PGPORT"], environment["PGDATABASE"]) == ("host", "5433", "roster")
    assert environment["PGSSLMODE"] == "require"


def test_scratch_databases_of_yesterday_are_dropped_and_newer_ones_left(settings: Settings) -> None:
    url = settings.require_database_url()
    old, new = (f"rosterhub_scratch_{int(time.time()) - ago}_{os.getpid()}_x" for ago in (90_000, 10))
    with psycopg.connect(url, autocommit=True) as connection:
        for name in (old, new):
            connection.execute(f"CREATE DATABASE {name}")
        with scratch.database(url):
            assert old not in scratch_databases(url)
            assert new in scratch_databases(url)
        connection.execute(f"DROP DATABASE {new}")
