"""Making a backup and verifying one.

Rows are counted in the very snapshot that is dumped, so that the restored copy can be held against it although the
roster goes on changing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from pipelines.backups import inventory, programs, scratch, shelf
from pipelines.backups.programs import ClientPrograms
from pipelines.backups.shelf import Backup
from pipelines.errors import DependencyAway, Refused
from pipelines.settings import Settings

FOLDER = "backups"  # in ROSTERHUB_HOME

# Owners and grants name roles, which are the server's and not the database's: where a dump is restored they may differ.
_RESTORING = ("--exit-on-error", "--no-owner", "--no-acl", "--jobs=2")


def backup(settings: Settings, into: Path) -> Backup:
    """Dump the roster into the folder, and restore the dump to see that it is equal to what was dumped.

    `latest.dump` leads to it only if it is (`Backup.is_good`). Raises DependencyAway if the server or its programs are
    away, Refused if it cannot be dumped.
    """
    with shelf.locked(into), _connected(settings) as connection:
        made = _dump(connection, settings, into)
        return _verified(made, settings)


def verify(settings: Settings, made: Backup) -> Backup:
    """Restore a backup into a scratch database and hold it against what it was made of."""
    with shelf.locked(made.path.parent):
        return _verified(made, settings)


@contextmanager
def _connected(settings: Settings) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(settings.require_database_url()) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DependencyAway(f"PostgreSQL is away, so nothing can be backed up: {error}") from error


def _dump(connection: psycopg.Connection, settings: Settings, into: Path) -> Backup:
    moment = datetime.now(UTC)
    path = into / shelf.name_at(moment)
    unfinished = Path(f"{path}{shelf.UNFINISHED}")
    connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None  # noqa: S101  a function always answers
    fitting = programs.fitting(connection, settings.pg_bin)
    complaint = fitting.run(
        "pg_dump",
        settings.require_database_url(),
        *("--format=custom", f"--snapshot={row[0]}", f"--file={unfinished}"),
    )
    if complaint:
        raise Refused(f"the roster could not be dumped: {complaint}")
    made = Backup(
        path=path,
        created_at=moment.isoformat(timespec="seconds"),
        sha256=shelf.sha256_of(unfinished),
        size=unfinished.stat().st_size,
        server_version=connection.info.server_version,
        tables=inventory.take(connection),
    )
    connection.rollback()
    return shelf.put(made, unfinished)


def _verified(made: Backup, settings: Settings) -> Backup:
    checked = replace(made, faults=_faults(made, settings))
    shelf.note(checked)
    if checked.is_good:
        shelf.point_latest(checked)
    return checked


def _faults(made: Backup, settings: Settings) -> tuple[str, ...]:
    if shelf.sha256_of(made.path) != made.sha256:
        return ("the file was changed since it was made: its SHA-256 is another",)
    with _connected(settings) as connection:
        fitting = programs.fitting(connection, settings.pg_bin)
    with scratch.database(settings.require_database_url()) as url:
        return _restore(fitting, url, made) or inventory.differences(made.tables, _inventory_of(url))


def _restore(fitting: ClientPrograms, url: str, made: Backup) -> tuple[str, ...]:
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    complaint = fitting.run("pg_restore", url, *_RESTORING, f"--dbname={name}", str(made.path))
    return (complaint,) if complaint else ()


def _inventory_of(url: str) -> inventory.Inventory:
    with psycopg.connect(url) as connection:
        return inventory.take(connection)
