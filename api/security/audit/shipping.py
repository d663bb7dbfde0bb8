"""Rows of the audit log brought to PostgreSQL: a connection of its own, since readers' connections cannot write.

The API's role may only insert there. A row that is sent twice, because the first time nobody heard how it ended, is
stored once. What waits, and where, is the spool's matter.
"""

import logging
from collections.abc import Sequence

import psycopg
from psycopg import sql

from api.settings import Settings
from pipelines.contract import AUDIT_LOGS

LOG = logging.getLogger("rosterhub.api")

# The columns are the table's: a row is unpacked by their names. Without a conflict target no right to read is needed.
_INSERT = (
    sql.SQL("INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, %s::json) ON CONFLICT DO NOTHING")
    .format(sql.Identifier(AUDIT_LOGS))
    .as_bytes()
)
_SESSION = {
    "autocommit": True,
    "connect_timeout": 3,
    "tcp_user_timeout": 5_000,
    "application_name": "rosterhub-audit",
    "options": "-c statement_timeout=10s",
}


class Shipping:
    """A connection that is made when it is needed and given up when it fails. Used by one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.audit_database_url or settings.database_url
        self._role = None if settings.audit_database_url else settings.role
        self._connection: psycopg.Connection | None = None

    def connect(self) -> None:
        """Be connected to a database that can be written; psycopg.Error if there is none."""
        if self._connection is None:
            connection = psycopg.connect(self._url, **_SESSION)  # type: ignore[arg-type]  # one dict of many types
            if self._role:
                connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(self._role)))
            self._connection = connection

    def send(self, rows: Sequence[bytes]) -> int:
        """Store the rows that are not there yet, and say how many; rows that cannot be stored are left out.

        psycopg.Error if the database is away or does not take anything.
        """
        self.connect()
        assert self._connection is not None  # noqa: S101  connected
        try:
            return self._connection.execute(_INSERT, [(b"[" + b",".join(rows) + b"]").decode()]).rowcount
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(rows) > 1:
                middle = len(rows) // 2
                return self.send(rows[:middle]) + self.send(rows[middle:])
            LOG.error("a row of the audit log cannot be stored: %s", type(error).__name__)
            return 0

    def close(self) -> None:
        """Let the connection go, whatever state it is in."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
