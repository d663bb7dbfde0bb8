"""Backups made and tried by the user that is there for it, beside the user that publishes."""

import dataclasses
from pathlib import Path

import psycopg
import pytest

from pipelines.backups import backup, restore, verify
from pipelines.errors import Refused
from pipelines.roster.migrations import upgrade
from pipelines.settings import Settings, load
from tests.pipelines.conftest import Publish
from tests.pipelines.district import District


@pytest.fixture
def settings(tmp_path: Path, pipelines_url: str, backup_url: str) -> Settings:
    urls = {"DATABASE_URL": pipelines_url, "ROSTERHUB_BACKUP_DATABASE_URL": backup_url}
    return load({"ROSTERHUB_HOME": str(tmp_path), **urls}, None)


def test_a_backup_a_drill_and_what_is_told_of_them(
    settings: Settings, publish_district: Publish, migrated_url: str
) -> None:
    publish_district(District())
    made = backup(settings, settings.backup_folder)
    assert made.is_good, made.faults
    assert {"api_keys", "api_key_audit_logs"} <= made.tables.keys()
    drilled = verify(settings, made)
    assert drilled.is_good, drilled.faults
    with psycopg.connect(migrated_url) as connection:
        told = connection.execute("SELECT path, is_good, drilled_at IS NOT NULL FROM backups").fetchall()
    assert told == [(str(made.path), True, True)]


def test_what_it_made_is_restored_and_published_to_again(
    settings: Settings, publish_district: Publish, database_url: str
) -> None:
    """Into a database of the owner's, who gives the roles their rights there."""
    publish_district(District())
    made = backup(settings, settings.backup_folder)
    assert restore(settings, made, made.dump, database_url).faults == ()
    upgrade(database_url)
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "SELECT prosecdef, proacl::text FROM pg_proc WHERE proname = 'make_indexes'"
        ).fetchall()
    ((is_the_owners, rights),) = found
    assert is_the_owners
    assert "rosterhub_pipelines=X" in rights
    assert "{=X" not in rights


def test_the_pipelines_user_cannot_make_one(settings: Settings) -> None:
    poor = dataclasses.replace(settings, backup_database_url=None)
    with pytest.raises(Refused, match="permission denied for table api_keys"):
        backup(poor, poor.backup_folder)
