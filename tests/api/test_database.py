"""The API's connections: readers who cannot write, one snapshot at a time, back after a restart."""

import psycopg
import pytest

from api.database import Database
from api.settings import Settings
from pipelines.contract import API_KEYS, PUBLICATIONS, SOURCES
from pipelines.oneroster.registry import ENTITIES
from tests.api.roster import Roster

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


def test_connections_that_ended_are_replaced(database: Database, roster: Roster) -> None:
    with database.snapshot() as cursor:
        row = cursor.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    roster.connection.execute("SELECT pg_terminate_backend(%s)", row)
    with database.snapshot() as cursor:
        assert cursor.execute("SELECT pg_backend_pid()").fetchone() != row
    database.close()
