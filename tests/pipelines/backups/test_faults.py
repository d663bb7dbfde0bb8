"""What goes wrong in the middle: nothing half-made gets a good name, the latest links stay, and it is said why."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from pipelines.backups import Backup, backing_up, backup, backups, latest, shelf
from pipelines.backups.programs import ClientPrograms
from pipelines.errors import DependencyAway, Refused
from pipelines.settings import Settings


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """What a full disk does to a file, by a limit of this process and its children."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def untouched(made: Backup) -> Iterator[Backup]:
    """A backup; whatever is tried after it, the shelf is as before."""
    before = {path.name: os.readlink(path) if path.is_symlink() else "" for path in made.folder.iterdir()}
    yield made
    assert {path.name: os.readlink(path) if path.is_symlink() else "" for path in made.folder.iterdir()} == before
    assert backups(made.folder) == [made]
    assert latest(made.folder) == made


def test_a_dump_that_the_disk_has_no_room_for(untouched: Backup, settings: Settings) -> None:
    with files_no_larger_than(20_000), pytest.raises(Refused, match=r"could not be dumped: pg_dump: .*(SIGXFSZ|large)"):
        backup(settings, untouched.folder)


def test_a_script_that_the_disk_has_no_room_for(
    untouched: Backup, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = backing_up._script

    def into_a_full_disk(fitting: ClientPrograms, settings: Settings, dump: Path) -> Path:
        with files_no_larger_than(5_000):
            return script(fitting, settings, dump)

    monkeypatch.setattr(backing_up, "_script", into_a_full_disk)
    with pytest.raises(Refused, match=r"could not be written to .*: File too large. Nothing of it was kept"):
        backup(settings, untouched.folder)


def test_pg_dump_that_is_killed(untouched: Backup, settings: Settings, tmp_path: Path) -> None:
    with psycopg.connect(settings.require_database_url()) as connection:
        real = backing_up.programs.fitting(connection).folder
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name in ("pg_restore", "psql"):
        (bin_folder / name).symlink_to(real / name)
    dying = bin_folder / "pg_dump"
    dying.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exec {real}/pg_dump --version\n'
        'for word; do case "$word" in --file=*) echo half > "${word#--file=}";; esac; done\nkill -9 $$\n'
    )
    dying.chmod(0o755)
    with pytest.raises(Refused, match="could not be dumped: pg_dump: was ended by SIGKILL"):
        backup(replace(settings, pg_bin=bin_folder), untouched.folder)


def test_a_server_that_goes_away(untouched: Backup, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    take = backing_up.inventory.take

    def cut(connection: psycopg.Connection) -> object:
        with psycopg.connect(settings.require_database_url(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
        return take(connection)

    monkeypatch.setattr(backing_up.inventory, "take", cut)
    with pytest.raises(DependencyAway, match="PostgreSQL is away, so nothing can be backed up"):
        backup(settings, untouched.folder)


def test_a_backup_that_is_killed_leaves_what_the_next_one_removes(made: Backup, settings: Settings) -> None:
    child = os.fork()
    if child == 0:  # the shelf as a process leaves it that had no time to clean up
        with shelf.locked(made.folder):
            shelf.begin(made.folder / f"rosterhub-29990101T000000Z.dump{shelf.UNFINISHED}")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert list(made.folder.glob("*.unfinished"))
    assert backups(made.folder) == [made]
    second = backup(settings, made.folder)
    assert not list(made.folder.glob("*.unfinished"))
    assert latest(made.folder) == second
