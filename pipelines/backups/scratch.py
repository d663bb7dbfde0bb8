"""A database for a moment, beside the roster's on the same server: where a backup shows that it can be restored."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import conninfo, errors, sql

from pipelines.connecting import connect
from pipelines.errors import Refused

_PREFIX = "rosterhub_scratch_"  # then when it was made, in seconds of Unix time
_ABANDONED_SECONDS = 24 * 3600


@contextmanager
def database(database_url: str) -> Iterator[str]:
    """The address of a new, empty database, dropped afterwards. Refused if the role may not make one."""
    name = f"{_PREFIX}{int(time.time())}_{os.getpid()}_{secrets.token_hex(4)}"
    with connect(database_url, autocommit=True) as connection:
        _drop_leftovers(connection)
        try:
            _run(connection, "CREATE DATABASE {} TEMPLATE template0", name)
        except errors.InsufficientPrivilege as error:
            raise Refused(
                f"the role {connection.info.user} may not make the database into which a backup is restored to verify "
                f"it: ALTER ROLE {connection.info.user} CREATEDB"
            ) from error
    try:
        yield conninfo.make_conninfo(database_url, dbname=name)
    finally:
        with connect(database_url, autocommit=True) as connection:
            _drop(connection, name)


def _drop_leftovers(connection: psycopg.Connection) -> None:
    """Drop what runs of yesterday left that were killed. A newer one may belong to somebody who is about to use it."""
    left = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND pg_get_userbyid(datdba) = current_user",
        [_PREFIX],
    )
    for (name,) in left.fetchall():
        if _made_at(name) < time.time() - _ABANDONED_SECONDS:
            _drop(connection, name)


def _made_at(name: str) -> int:
    moment = name.removeprefix(_PREFIX).partition("_")[0]
    return int(moment) if moment.isdecimal() else 0


def _drop(connection: psycopg.Connection, name: str) -> None:
    """Not by FORCE, which a plain owner is refused while the server vacuums the database; a plain DROP ends that
    itself. What is in use all the same goes next time."""
    with suppress(errors.ObjectInUse, errors.InvalidCatalogName):
        _run(connection, "DROP DATABASE {}", name)


def _run(connection: psycopg.Connection, statement: str, name: str) -> None:
    connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
