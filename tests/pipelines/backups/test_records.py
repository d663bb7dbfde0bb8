"""What is told of backups in the roster database: a row each, renewed by drills, and never at a backup's expense."""

import logging
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from pipelines import contract
from pipelines.backups import Backup, backup, shelf, verify
from pipelines.settings import Settings


def rows(settings: Settings) -> list[dict[str, Any]]:
    with psycopg.connect(settings.require_database_url(), row_factory=dict_row) as connection:
        connection.execute(f"SET ROLE {contract.API_ROLE}")
        return connection.execute(f"SELECT * FROM {contract.BACKUPS} ORDER BY id").fetchall()


def test_a_backup_is_a_row_that_the_api_may_read(made: Backup, settings: Settings) -> None:
    (row,) = rows(settings)
    assert (row["path"], row["bytes"], row["rows"]) == (str(made.path), made.size, made.rows)
    assert row["created_at"].isoformat() == made.created_at
    assert row["seconds"] == made.seconds
    assert row["is_good"] is True
    assert (row["drilled_at"], row["drill_seconds"]) == (None, None)


def test_a_drill_renews_the_row(made: Backup, settings: Settings) -> None:
    made.path.write_bytes(made.path.read_bytes()[:-1])
    drilled = verify(settings, made)
    (row,) = rows(settings)
    assert row["drilled_at"].isoformat() == drilled.drilled_at
    assert row["is_good"] is False


def test_a_drill_tells_of_a_backup_that_the_database_does_not_know(made: Backup, settings: Settings) -> None:
    """As after a restore: the row of a backup is written after it was dumped."""
    with psycopg.connect(settings.require_database_url()) as connection:
        connection.execute(f"DELETE FROM {contract.BACKUPS}")
    verify(settings, made)
    assert [row["path"] for row in rows(settings)] == [str(made.path)]


def test_that_it_cannot_be_told_loses_no_backup(
    made: Backup, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with psycopg.connect(settings.require_database_url()) as connection:
        connection.execute(f"DROP TABLE {contract.BACKUPS}")
    with caplog.at_level(logging.WARNING):
        second = backup(settings, made.folder)
    assert second.is_good
    assert shelf.latest(made.folder) == second
    assert f"the backup {second.name} is there, but its row in backups is not" in caplog.text
