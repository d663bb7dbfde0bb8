"""The API's connections: readers who cannot write, one snapshot at a time, back after a restart."""

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from api.database import Database
from api.settings import Settings
from pipelines.contract import API_KEYS, PUBLICATIONS, SOURCES
from pipelines.oneroster.registry import ENTITIES
from tests.api.roster import Roster

LONG = 20
TABLES = [*(entity.table for entity in ENTITIES), PUBLICATIONS, SOURCES, API_KEYS]


@pytest.fixture
def database(settings: Settings) -> Database:
    return Database(settings)


def test_a_reader_reads_every_table(database: Database) -> None:
    with database.snapshot() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT FROM {table}")
    database.close()


@pytest.mark.parametrize("write", ["DELETE FROM users", "UPDATE api_keys SET is_active = true", "CREATE TABLE x ()"])
def test_a_snapshot_takes_no_writes(database: Database, write: str) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), database.snapshot() as cursor:
        cursor.execute(write)
    database.close()


@pytest.mark.parametrize(
    "statement", ["DELETE FROM {}", "INSERT INTO {} DEFAULT VALUES", "TRUNCATE {}", "DROP TABLE {}"]
)
def test_the_role_itself_may_not_write(roster: Roster, statement: str) -> None:
    roster.connection.execute("SET ROLE rosterhub_api")
    for table in TABLES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            roster.connection.execute(statement.format(table))


@pytest.mark.parametrize("columns", ["*", "row", "sourced_id", "waits_for"])
def test_waiting_rows_are_not_for_readers(roster: Roster, columns: str) -> None:
    roster.connection.execute("SET ROLE rosterhub_api")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        roster.connection.execute(f"SELECT {columns} FROM waiting_rows".encode())


def test_how_many_rows_wait_may_be_told(roster: Roster) -> None:
    roster.connection.execute("SET ROLE rosterhub_api")
    assert roster.connection.execute("SELECT source, count(*) FROM waiting_rows GROUP BY source").fetchall() == []


def test_a_snapshot_sees_one_moment(database: Database, roster: Roster) -> None:
    roster.publish()
    with database.snapshot() as cursor:
        before = cursor.execute("SELECT count(*) FROM publications").fetchone()
        roster.publish()
        assert cursor.execute("SELECT count(*) FROM publications").fetchone() == before == (1,)
    with database.snapshot() as cursor:
        assert cursor.execute("SELECT count(*) FROM publications").fetchone() == (2,)
    database.close()


def test_a_failed_statement_does_not_spoil_the_connection(database: Database) -> None:
    for _ in range(8):  # more often than the pool has connections
        with pytest.raises(psycopg.errors.UndefinedTable), database.snapshot() as cursor:
            cursor.execute("SELECT FROM nothing")
    database.close()


def test_a_server_that_is_away_is_told_at_once_and_not_after_the_wait_for_a_free_connection(settings: Settings) -> None:
    away = Database(dataclasses.replace(settings, owner_url="postgresql://127.0.0.1:1/x", pool_seconds=LONG))
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError), away.snapshot():
        pass
    assert time.monotonic() - began < LONG / 2
    away.close()


def test_a_connection_in_use_is_waited_for(settings: Settings) -> None:
    database = Database(dataclasses.replace(settings, pool_size=1, pool_seconds=LONG))
    with ThreadPoolExecutor() as threads:
        with database.snapshot():
            waiting = threads.submit(_one, database)
            time.sleep(1.5)  # longer than it takes to see whether the server is away
            assert not waiting.done()
        assert waiting.result() == (1,)
    database.close()


def test_a_table_that_is_being_changed_is_not_waited_for_for_long(settings: Settings, roster: Roster) -> None:
    database = Database(dataclasses.replace(settings, lock_seconds=0.2))
    with roster.connection.transaction():
        roster.connection.execute("LOCK TABLE users")
        with pytest.raises(psycopg.errors.LockNotAvailable), database.snapshot() as cursor:
            cursor.execute("SELECT FROM users")
    with database.snapshot() as cursor:
        cursor.execute("SELECT FROM users")
    database.close()


def _one(database: Database) -> object:
    with database.snapshot() as cursor:
        return cursor.execute("SELECT 1").fetchone()


def test_connections_that_ended_are_replaced(database: Database, roster: Roster) -> None:
    with database.snapshot() as cursor:
        row = cursor.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    roster.connection.execute("SELECT pg_terminate_backend(%s)", row)
    with database.snapshot() as cursor:
        assert cursor.execute("SELECT pg_backend_pid()").fetchone() != row
    database.close()
