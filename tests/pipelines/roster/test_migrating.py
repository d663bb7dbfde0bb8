"""Migrations beside others at work: a table in use is asked for again, given up with a name, and readers go on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from pipelines.errors import Refused
from pipelines.roster import migrations
from pipelines.roster.migrations import locks, upgrade

BEFORE = "0001"  # the next migration changes api_keys


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.3)
    monkeypatch.setattr(locks, "PAUSES", (0.3, 0.3))


@contextmanager
def reading(url: str) -> Iterator[psycopg.Connection]:
    """Somebody who holds api_keys as a dump does, until the block ends."""
    with psycopg.connect(url, application_name="a long dump") as connection:
        connection.execute("SELECT count(*) FROM api_keys")
        yield connection


def test_a_table_in_use_is_given_up_and_whoever_uses_it_named(database_url: str) -> None:
    upgrade(database_url, BEFORE)
    with reading(database_url) as dump:
        pid = dump.info.backend_pid
        with pytest.raises(Refused) as told:
            upgrade(database_url)
    assert f"process {pid} (rosterhub, a long dump) for" in str(told.value)
    assert f"rosterhub db terminate {pid}" in str(told.value)
    assert "api_keys" in str(told.value)
    with psycopg.connect(database_url) as connection:
        assert migrations.current(connection) == BEFORE


def test_readers_go_on_while_a_migration_waits(database_url: str) -> None:
    upgrade(database_url, BEFORE)
    refused: list[Refused] = []

    def migrate() -> None:
        try:
            upgrade(database_url)
        except Refused as error:
            refused.append(error)

    with reading(database_url), psycopg.connect(database_url, autocommit=True) as reader:
        reader.execute("SET lock_timeout = '2s'")
        migration = threading.Thread(target=migrate)
        migration.start()
        while migration.is_alive():
            reader.execute("SELECT count(*) FROM api_keys")  # raises where it is kept waiting
        migration.join()
    assert refused


def test_a_table_that_becomes_free_is_taken(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(database_url, BEFORE)
    with reading(database_url) as dump:
        monkeypatch.setattr(locks.time, "sleep", lambda _: dump.rollback())
        upgrade(database_url)
    with psycopg.connect(database_url) as connection:
        assert migrations.current(connection) == migrations.newest()
