"""Making a backup: dumped in one snapshot, restored and compared, written as SQL besides, then named.

The SQL is made of the dump, so that both are of the same snapshot and the server is read once.
"""

import gzip
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from pyrage.x25519 import Recipient

from pipelines.backups import inventory, programs, records, sealing, server, shelf, space
from pipelines.backups.inventory import Inventory
from pipelines.backups.programs import ClientPrograms
from pipelines.backups.shelf import DUMP, SCRIPT, UNFINISHED, Backup
from pipelines.backups.verifying import compare
from pipelines.errors import Refused
from pipelines.progress import Progress, silent
from pipelines.settings import Settings

# Roles are the server's and not the database's: where a dump is restored they may differ.
_PG_DUMP = ("--format=custom", "--no-privileges")
_PG_RESTORE = ("--no-owner", "--no-privileges", "--file=-")


def backup(settings: Settings, into: Path, progress: Progress = silent) -> Backup:
    """Dump the roster into the folder, and restore the dump to see that it is equal to what was dumped.

    The latest links lead to it only if it is (`Backup.is_good`); one that is not is kept for somebody to look at.
    Raises DependencyAway if the server or its programs are away, Refused if it cannot be dumped or has no room.
    """
    keys = sealing.recipients(settings.backup_recipients)
    with shelf.locked(into), _told(into):
        made = _make(settings, into, keys, progress)
        shelf.relink(into)
    records.tell(settings, made)
    return made


def _make(settings: Settings, into: Path, keys: Sequence[Recipient], progress: Progress) -> Backup:
    began, moment = time.monotonic(), datetime.now(UTC)
    dump = shelf.begin(into / f"{shelf.free_name(into, moment)}{DUMP}{UNFINISHED}")
    progress("dumping")
    with server.connected(settings) as connection:
        space.require(connection, into, sealed=bool(keys))
        fitting = programs.fitting(connection, settings.pg_bin)
        version = connection.info.server_version
        tables = _dump(connection, fitting, settings, dump)
    progress("restoring the dump to see that it is equal")
    faults = compare(settings, fitting, dump, tables)
    progress("writing it as SQL")
    clear = [dump] if faults else [dump, _script(fitting, settings, dump)]
    unfinished = {_name(sealed): sealed for sealed in (sealing.seal(path, keys) for path in clear)}
    files = [shelf.facts_of(path, name) for name, path in unfinished.items()]
    made = Backup(
        folder=into,
        name=dump.name.partition(".")[0],
        created_at=moment.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 3),
        server_version=version,
        dump=files[0],
        script=files[1] if files[1:] else None,
        tables=tables,
        faults=faults,
    )
    return shelf.put(made, unfinished)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What the disk complains about, as a sentence: full, or a file that grows too large."""
    try:
        yield
    except OSError as error:
        raise Refused(
            f"the backup could not be written to {folder}: {error.strerror or error}. Nothing of it was kept; the "
            "backups that are there are as they were"
        ) from error


def _dump(connection: psycopg.Connection, fitting: ClientPrograms, settings: Settings, dump: Path) -> Inventory:
    """Dump the roster and take its inventory, both as one snapshot has it."""
    connection.rollback()
    connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None  # noqa: S101  a function always answers
    url = settings.require_backup_url()
    complaint = fitting.run("pg_dump", url, *_PG_DUMP, f"--snapshot={row[0]}", f"--file={dump}")
    if complaint:
        raise Refused(f"the roster could not be dumped: {complaint}")
    tables = inventory.take(connection)
    connection.rollback()
    return tables


def _script(fitting: ClientPrograms, settings: Settings, dump: Path) -> Path:
    """A dump as gzipped SQL."""
    path = shelf.begin(Path(str(dump).removesuffix(DUMP + UNFINISHED) + SCRIPT + UNFINISHED))
    with gzip.open(path, "wb", compresslevel=6) as into:
        url = settings.require_backup_url()
        complaint = fitting.run("pg_restore", url, *_PG_RESTORE, str(dump), into=into)  # type: ignore[arg-type]
    if complaint:
        raise Refused(f"the dump could not be written as SQL: {complaint}")
    return path


def _name(unfinished: Path) -> str:
    return unfinished.name.removesuffix(UNFINISHED)
