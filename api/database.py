"""Connections to PostgreSQL: a pool per worker process, and snapshots to read from. What is read is not known here."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool

from api.settings import Settings

_PREPARED = 500  # more than there are statements, so that none has to make room for another
_GIVE_UP_SECONDS = 1.0  # of connecting again; whoever asks next tries at once, so the end of an outage is seen at once
_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

# A server that went silent is given up after some seconds, and the next host of the URL asked; TCP would wait minutes.
_CONNECTION: dict[str, Any] = {
    "autocommit": True,
    "application_name": "rosterhub-api",
    "prepare_threshold": 1,
    "connect_timeout": 3,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

Row = tuple[Any, ...]
Cursor = psycopg.Cursor[Row]

logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it warns of every connection that a restart ended


class Database:
    """The roster database, read-only. No connection is made before the first read: gunicorn forks after loading."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: ConnectionPool | None = None
        self._lock = Lock()

    @contextmanager
    def snapshot(self) -> Iterator[Cursor]:
        """A cursor whose statements all see the database as of the first one. Results come in binary.

        Raises psycopg.OperationalError or PoolTimeout (also one) if the database cannot be reached.
        """
        pool = self._opened()
        connection = _begun(pool)
        try:
            with connection.cursor(binary=True) as cursor:
                yield cursor
            connection.execute("COMMIT")
        except BaseException:
            with suppress(psycopg.Error):
                connection.rollback()
            raise
        finally:
            pool.putconn(connection)

    def close(self) -> None:
        """Give the connections back; used when the process ends."""
        with self._lock:
            if self._pool is not None:
                self._pool.close()
                self._pool = None

    def _opened(self) -> ConnectionPool:
        with self._lock:
            if self._pool is None:
                self._pool = _pool(self._settings)
                self._pool.open()
            return self._pool


def _begun(pool: ConnectionPool, *, again: bool = True) -> psycopg.Connection[Row]:
    """A connection in a transaction. Those that a restart or a failover ended in the pool are replaced, once."""
    connection = pool.getconn()
    try:
        connection.execute(_BEGIN)
    except psycopg.OperationalError:
        pool.putconn(connection)
        if not again:
            raise
        pool.check()
        return _begun(pool, again=False)
    return connection


def _pool(settings: Settings) -> ConnectionPool:
    def configure(connection: psycopg.Connection[Row]) -> None:
        connection.prepared_max = _PREPARED
        for statement in _session(settings):
            connection.execute(statement)

    return ConnectionPool(
        settings.database_url,
        kwargs=_CONNECTION,
        min_size=1,
        max_size=settings.pool_size,
        timeout=settings.pool_seconds,
        reconnect_timeout=_GIVE_UP_SECONDS,
        configure=configure,
        open=False,
    )


def _session(settings: Settings) -> Iterator[sql.SQL | sql.Composed]:
    """What makes a connection a reader's: no privileges beyond reading, and nothing that lasts for ever."""
    if settings.role:
        yield sql.SQL("SET ROLE {}").format(sql.Identifier(settings.role))
    yield sql.SQL("SET statement_timeout = {}").format(int(settings.statement_seconds * 1000))
    yield sql.SQL("SET idle_in_transaction_session_timeout = {}").format(int(settings.idle_seconds * 1000))
    yield sql.SQL("SET default_transaction_read_only = on")
    yield sql.SQL("SET timezone = 'UTC'")
