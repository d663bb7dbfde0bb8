"""Who is doing what in the roster database, and how to end it. The server's other databases are left alone."""

import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row

from pipelines.connecting import connected
from pipelines.errors import Refused

_OPTIONS: dict[str, Any] = {"connect_timeout": 5, "application_name": "rosterhub-db"}

_LITERAL = re.compile(r"'(?:[^']|'')*'")

_ACTIVITY = """
SELECT pid, usename AS user, coalesce(application_name, '') AS application, coalesce(state, '') AS state,
  coalesce(wait_event_type || ':' || wait_event, '') AS waits_for,
  round(extract(epoch FROM clock_timestamp() - coalesce(xact_start, state_change, backend_start)), 1)::float8
    AS seconds,
  cardinality(pg_blocking_pids(pid)) AS blocked_by, coalesce(query, '') AS query
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
ORDER BY (state = 'idle')::int, seconds DESC
"""

_OURS = (
    "SELECT datname = current_database(), pid = pg_backend_pid() FROM pg_stat_activity"
    " WHERE pid = %s AND backend_type = 'client backend'"
)


@dataclass(frozen=True, slots=True)
class Session:
    """One connection; `seconds` is the age of its transaction, or for how long it has been idle."""

    pid: int
    user: str
    application: str
    state: str
    waits_for: str
    seconds: float
    blocked_by: int  # how many sessions hold what it waits for
    query: str  # without values


def sessions(database_url: str) -> list[Session]:
    """All others of this database, those at work first, the longest first."""
    with connected(database_url, **_OPTIONS) as connection, connection.cursor(row_factory=class_row(Session)) as cursor:
        found = cursor.execute(_ACTIVITY).fetchall()
    return [_masked(session) for session in found]


def _masked(session: Session) -> Session:
    """Our statements are parameterised; somebody at psql may have written values into theirs."""
    query = " ".join(_LITERAL.sub("'…'", session.query).split())
    return Session(**{**{name: getattr(session, name) for name in Session.__slots__}, "query": query})


def terminate(database_url: str, pid: int) -> None:
    """End a session of this database; what it had not committed is rolled back. Refused for any other process."""
    with connected(database_url, **_OPTIONS) as connection:
        is_ours, is_this = connection.execute(_OURS, [pid]).fetchone() or (None, None)
        if is_ours is None:
            raise Refused(f"no session has the process id {pid}: see `rosterhub db activity`")
        if not is_ours:
            raise Refused(f"process {pid} works in another database of that server")
        if is_this:
            raise Refused(f"process {pid} is this command's own session")
        _end(connection, pid)


def _end(connection: psycopg.Connection, pid: int) -> None:
    try:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    except psycopg.errors.InsufficientPrivilege:
        raise Refused(
            f"the role in DATABASE_URL may not end process {pid}: GRANT pg_signal_backend TO it, or ask a superuser"
        ) from None
