"""Each check of the database: silent on a sound one, and naming what is wrong with a remedy."""

import psycopg
import pytest

from pipelines import maintenance as switch
from pipelines.doctor import database
from pipelines.doctor.diagnosis import State
from pipelines.roster.migrations import upgrade
from pipelines.settings import Settings, load


def test_a_sound_database(connection: psycopg.Connection, settings: Settings) -> None:
    connection.execute(
        "INSERT INTO backups (created_at, seconds, bytes, rows, path, is_good) VALUES (now(), 1, 1, 1, 'a', true)"
    )
    found = [check(connection, settings) for check in database.CHECKS]
    assert [(one.check, one.state, one.remedy) for one in found if one.state is not State.OK] == []


def test_a_server_that_is_too_old(
    connection: psycopg.Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "OLDEST_MAJOR", 99)
    found = database.version(connection, settings)
    assert (found.state, "upgrade the server" in found.remedy) == (State.FAIL, True)


def test_client_programs_that_are_missing(
    connection: psycopg.Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.backups.programs._folders", lambda named: iter(()))
    found = database.client_programs(connection, settings)
    assert (found.state, "ROSTERHUB_PG_BIN" in found.remedy) == (State.FAIL, True)


@pytest.mark.parametrize(
    ("change", "state", "remedy"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", State.FAIL, "rosterhub migrate"),
        ("DROP TABLE alembic_version", State.FAIL, "rosterhub migrate"),
        ("UPDATE alembic_version SET version_num = '9999'", State.WARN, "upgrade it too"),
    ],
)
def test_a_schema_of_another_version(
    connection: psycopg.Connection, settings: Settings, change: str, state: State, remedy: str
) -> None:
    connection.execute(change)
    found = database.migrated(connection, settings)
    assert (found.state, remedy in found.remedy) == (state, True)


@pytest.mark.parametrize(("apart", "state"), [("5 seconds", State.WARN), ("-2 minutes", State.FAIL)])
def test_clocks_that_disagree(
    connection: psycopg.Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch, apart: str, state: State
) -> None:
    real = database._one

    def shifted(on: psycopg.Connection, query: str) -> object:
        return real(on, query.replace("clock_timestamp()", f"clock_timestamp() + interval '{apart}'"))

    monkeypatch.setattr(database, "_one", shifted)
    assert database.clock(connection, settings).state is state


@pytest.mark.parametrize(("share", "state"), [(0.0, State.FAIL), (1.0, State.OK)])
def test_connections_that_run_out(
    connection: psycopg.Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch, share: float, state: State
) -> None:
    monkeypatch.setattr(database, "_CONNECTIONS_FAIL", share)
    assert database.connections(connection, settings).state is state


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("(now() - interval '2 days', 1, 1, 1, 'a', true)", "48.0 hours old"),
        ("(now(), 1, 1, 1, 'a', false)", "none that restored"),
    ],
)
def test_backups_that_are_old_or_no_good(
    connection: psycopg.Connection, settings: Settings, row: str, told: str
) -> None:
    connection.execute(f"INSERT INTO backups (created_at, seconds, bytes, rows, path, is_good) VALUES {row}".encode())
    found = database.backup(connection, settings)
    assert (found.state, told in found.found) == (State.WARN, True)


def test_maintenance_that_was_forgotten(connection: psycopg.Connection, settings: Settings) -> None:
    switch.switch_on(settings.require_database_url(), "new disks")
    found = database.maintenance(connection, settings)
    assert (found.state, found.found) == (State.WARN, "on: new disks")
    assert "maintenance off" in found.remedy


def test_a_database_of_long_ago_is_told_so_without_a_fault_of_ours(database_url: str) -> None:
    upgrade(database_url, "0001")
    settings = load({"DATABASE_URL": database_url}, None, announced=False)
    with psycopg.connect(database_url, autocommit=True) as connection:
        found = {one.check: one.state for one in (check(connection, settings) for check in database.CHECKS)}
    assert found["migrations"] is State.FAIL
    assert found["backup"] is found["maintenance"] is State.WARN
