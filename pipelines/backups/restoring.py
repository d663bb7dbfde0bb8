"""Restoring a backup into an empty database, and holding what is there then against what was dumped.

Grants are not part of a backup, since they name roles, which are the server's: `rosterhub migrate` gives them.
"""

import gzip
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import conninfo

from pipelines.backups import inventory, programs, sealing, shelf
from pipelines.backups.inventory import Inventory
from pipelines.backups.programs import ClientPrograms
from pipelines.backups.shelf import SCRIPT, Backup, StoredFile
from pipelines.connecting import connected
from pipelines.errors import Refused
from pipelines.settings import Settings

_PG_RESTORE = ("--exit-on-error", "--no-owner", "--no-acl", "--jobs=2")
_PSQL = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
_SHOWN = 5

CHANGED = "{}: the file was changed since it was made: its SHA-256 is another"


@dataclass(frozen=True)
class Restored:
    """What a restored database holds. `faults` names the tables that are not as they were dumped."""

    path: Path
    seconds: float
    tables: Inventory
    faults: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(facts.rows for facts in self.tables.values())


def restore(settings: Settings, made: Backup, file: StoredFile, into: str) -> Restored:
    """Restore one file of a backup into the empty database of that URL, and compare it with what was dumped.

    Raises Refused if the database is not empty (naming what is there), or if the file does not restore;
    DependencyAway if the server or its programs are away.
    """
    path = made.folder / file.name
    fitting = _programs_for(settings, into)
    if shelf.sha256_of(path) != file.sha256:
        raise Refused(CHANGED.format(path))
    began = time.monotonic()
    with sealing.opened(path, settings.backup_identity) as clear:
        if complaint := fill(fitting, into, clear):
            raise Refused(f"{path} did not restore; drop the database, it has a part of it: {complaint}")
    seconds = time.monotonic() - began
    found = inventory.of(into)
    return Restored(path, round(seconds, 3), found, inventory.differences(made.tables, found))


def _programs_for(settings: Settings, into: str) -> ClientPrograms:
    with connected(into, "the database to restore into cannot be reached") as connection:
        _require_empty(connection)
        return programs.fitting(connection, settings.pg_bin)


def _require_empty(connection: psycopg.Connection) -> None:
    found = connection.execute(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind IN ('r', 'p', 'v', 'm')"
        " AND n.nspname NOT LIKE 'pg_temp%' ORDER BY 1"
    ).fetchall()
    if found:
        names = ", ".join(name for (name,) in found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
        raise Refused(
            f"the database {connection.info.dbname} is not empty: it has {len(found)} tables ({names}). "
            "Make a new one with createdb, and restore into that"
        )


def fill(fitting: ClientPrograms, url: str, clear: Path) -> str:
    """Restore a dump or a script that is not encrypted into an empty database; "" or what was complained about."""
    target = f"--dbname={conninfo.conninfo_to_dict(url)['dbname']}"
    if not clear.name.removesuffix(shelf.UNFINISHED).endswith(SCRIPT):
        return fitting.run("pg_restore", url, *_PG_RESTORE, target, str(clear))
    try:
        with gzip.open(clear) as script:
            return fitting.run("psql", url, *_PSQL, target, feed=script)  # type: ignore[arg-type]  # it reads bytes
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return f"gunzip: {error}"
