"""Connections to PostgreSQL: a pool per worker process, and snapshots to read from. What is read is not known here."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from time import monotonic
from typing import Any

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from api.settings import Settings

_PREPARED = 500  # more than there are statements, so that none has to make room for another
_GIVE_UP_SECONDS = 1.0  # of connecting again; whoever asks next tries at once, so the end of an outage is seen at once
_LOOK_SECONDS = 1.0  # how often a request that waits for a connection asks whether there is any hope
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

# Why it cannot connect is worth a line (a certificate, a password); that a restart ended so many connections is not.
logging.getLogger("psycopg.pool").addFilter(lambda record: str(record.msg).startswith("error connecting"))


class Database:
    """The roster database, read-only. No connection is made before the first read: gunicorn forks after loading."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool: ConnectionPool | None = None
        self._lock = Lock()
        self._is_away = False  # nobody could connect since the last answer

    @contextmanager
    def snapshot(self) -> Iterator[Cursor]:
        """A cursor whose statements all see the database as of the first one. Results come in binary.

        Raises psycopg.OperationalError or PoolTimeout (also one) if the database cannot be reached.
        """
        pool = self._opened()
        connection = self._begun(pool)
        try:
            with connection.cursor(binary=True) as cursor:
                yield cursor
            connection.execute("COMMIT")
            self._is_away = False
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
                self._pool = _pool(self._settings, self._lose)
                self._pool.open()
            return self._pool

    def _begun(self, pool: ConnectionPool, *, again: bool = True) -> psycopg.Connection[Row]:
        """A connection in a transaction. Those that a restart or a failover ended in the pool are replaced, once."""
        connection = self._taken(pool)
        try:
            connection.execute(_BEGIN)
        except psycopg.OperationalError:
            pool.putconn(connection)
            if not again:
                raise
            pool.check()
            return self._begun(pool, again=False)
        return connection

    def _taken(self, pool: ConnectionPool) -> psycopg.Connection[Row]:
        """Waited for as long as the settings say where all are in use, and not much longer than a second where
        PostgreSQL is away: a thread that waits for nothing is missed elsewhere."""
        deadline = monotonic() + self._settings.pool_seconds
        while True:
            try:
                return pool.getconn(min(_LOOK_SECONDS, deadline - monotonic()))
            except PoolTimeout:
                if self._is_away or monotonic() >= deadline:
                    raise

    def _lose(self, pool: ConnectionPool) -> None:
        self._is_away = True


def _pool(settings: Settings, lose: Callable[[ConnectionPool], None]) -> ConnectionPool:
    def configure(connection: psycopg.Connection[Row]) -> None:
        connection.prepared_max = _PREPARED
        for statement in _session(settings):
            connection.execute(statement)

    return ConnectionPool(
        settings.database_url,
        kwargs=_CONNECTION,
        min_size=1,
        max_size=settings.pool_size,
        reconnect_timeout=_GIVE_UP_SECONDS,
        reconnect_failed=lose,
        configure=configure,
        open=False,
    )


def _session(settings: Settings) -> Iterator[sql.SQL | sql.Composed]:
    """What makes a connection a reader's: no privileges beyond reading, and nothing that lasts for ever."""
    if settings.role:
        yield sql.SQL("SET ROLE {}").format(sql.Identifier(settings.role))
    yield sql.SQL("SET statement_timeout = {}").format(int(settings.statement_seconds * 1000))
    yield sql.SQL("SET lock_timeout = {}").format(int(settings.lock_seconds * 1000))
    yield sql.SQL("SET idle_in_transaction_session_timeout = {}").format(int(settings.idle_seconds * 1000))
    yield sql.SQL("SET default_transaction_read_only = on")
    yield sql.SQL("SET timezone = 'UTC'")
