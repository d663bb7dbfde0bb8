"""Connections to PostgreSQL that end when the other side has gone silent. What they are for is the caller's matter.

TCP alone notices after hours that a server or a network is gone, and a server as late that a client is: until then the
client waits, and the server keeps its locks, which no other publication of that source gets past.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pipelines.errors import DependencyAway, Refused

_USER_TIMEOUT = 60_000  # milliseconds; a short disturbance should not cost a long publication
_PROBES = {"keepalives_idle": 10, "keepalives_interval": 10, "keepalives_count": 5}  # seconds, seconds, times
_OURS: dict[str, Any] = {**_PROBES, "tcp_user_timeout": _USER_TIMEOUT}
_THE_SERVERS = " ".join(
    f"-c {name}={value}"
    for name, value in {"tcp_user_timeout": _USER_TIMEOUT, **{f"tcp_{name}": n for name, n in _PROBES.items()}}.items()
)


def connect(database_url: str, **options: Any) -> psycopg.Connection:
    """psycopg.connect, for a connection of which either side is given up by the other a minute after it went silent."""
    asked = conninfo_to_dict(database_url).get("options") or ""
    return psycopg.connect(database_url, options=f"{_THE_SERVERS} {asked}".strip(), **{**_OURS, **options})


@contextmanager
def connected(
    database_url: str, away: str = "PostgreSQL cannot be reached", **options: Any
) -> Iterator[psycopg.Connection]:
    """A connection that ends with the block. DependencyAway, beginning with `away`, where there is none or it is lost.

    `options` are psycopg's.
    """
    try:
        with connect(database_url, **options) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DependencyAway(f"{away}: {error}") from error


def denied(error: psycopg.errors.InsufficientPrivilege) -> Refused:
    """What an operator is told where PostgreSQL denies its user something. It names tables and roles, never rows."""
    said = str(error).strip().splitlines()[0]
    return Refused(
        f"PostgreSQL refuses this to the user of DATABASE_URL: {said}. Schema and keys are the owner's, and others may "
        "do what their role may: see Database roles in docs/operator.md"
    )
