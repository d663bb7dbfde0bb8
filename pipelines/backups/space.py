"""Room on the disk, asked for before a backup is begun: a full disk is found at 3 o'clock, not explained at 4."""

import shutil
from pathlib import Path

import psycopg

from pipelines.backups import shelf
from pipelines.errors import Refused

_GROWTH = 1.25  # what a backup may be larger than the one before


def require(connection: psycopg.Connection, folder: Path, sealed: bool) -> None:
    """Refused, with the numbers, if the folder's disk has no room for a backup."""
    needed = estimate(connection, folder)
    needed *= 2 if sealed else 1  # a file in clear lies beside the one that it is encrypted to
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Refused(
            f"there is no room for a backup in {folder}: about {_mib(needed)} are needed, {_mib(free)} are free. Make "
            "room there (`rosterhub backup prune --dry-run` says what could go), or set ROSTERHUB_BACKUP_FOLDER"
        )


def estimate(connection: psycopg.Connection, folder: Path) -> int:
    """Bytes of a backup made now: somewhat more than the last one, at first the size of the database."""
    last = next(iter(shelf.backups(folder)), None)
    if last is not None:
        return int(last.size * _GROWTH)
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None  # noqa: S101  a function always answers
    return int(row[0])


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"
