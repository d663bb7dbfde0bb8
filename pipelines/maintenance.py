"""The switch of maintenance: a row in the roster database, which the API and Dagster's daemon look at on every machine.

What they do while it is on is theirs. MAINTENANCE_MODE does the same from the start of a process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from pipelines.connecting import connected
from pipelines.contract import MAINTENANCE
from pipelines.errors import Refused

_TABLE = sql.Identifier(MAINTENANCE)
_CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Switched:
    """Maintenance that is on: since when, and why."""

    since: datetime
    reason: str


def state(database_url: str) -> Switched | None:
    """What the switch says; None if it is off. Raises DependencyAway, or Refused before the migration."""
    with _connected(database_url) as connection:
        row = connection.execute(sql.SQL("SELECT since, reason FROM {}").format(_TABLE)).fetchone()
    return Switched(*row) if row else None


def switch_on(database_url: str, reason: str) -> Switched:
    """Throw it; one that is on already keeps its beginning and gets the new reason."""
    statement = sql.SQL(
        "INSERT INTO {} (reason) VALUES (%s) ON CONFLICT (only_one) DO UPDATE SET reason = excluded.reason"
        " RETURNING since, reason"
    )
    with _connected(database_url) as connection:
        row = connection.execute(statement.format(_TABLE), [reason]).fetchone()
    assert row is not None  # noqa: S101  RETURNING answers
    return Switched(*row)


def switch_off(database_url: str) -> bool:
    """End it; whether it was on."""
    with _connected(database_url) as connection:
        return connection.execute(sql.SQL("DELETE FROM {}").format(_TABLE)).rowcount > 0


@contextmanager
def _connected(database_url: str) -> Iterator[psycopg.Connection]:
    try:
        with connected(database_url, connect_timeout=_CONNECT_SECONDS) as connection:
            yield connection
    except psycopg.errors.UndefinedTable:
        raise Refused("the database has no switch of maintenance yet: run `rosterhub migrate` first") from None
