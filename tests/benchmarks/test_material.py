"""What is loaded is what it is said to be: the changed bundle differs where it should, and the anchor copies the very
rows that a sync publishes."""

import csv
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pipelines import settings, syncing
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.roster.indexes import indexes
from pipelines.roster.migrations import upgrade
from tests.benchmarks import bundles, copying, reading_while_publishing
from tests.benchmarks.loading import Material
from tests.benchmarks.syncs import SOURCE
from tests.servers import PostgresServer


@pytest.fixture(scope="module")
def bulk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small district."""
    folder = tmp_path_factory.mktemp("bundles") / "bulk"
    bundles.write_bulk(folder, 300)
    return folder


def test_a_thousandth_of_the_rows_is_changed_in_one_cell(bulk: Path, tmp_path: Path) -> None:
    changed = bundles.write_changed(bulk, tmp_path / "changed")
    differing = 0
    for file in bulk.glob("*.csv"):
        before, after = _cells(file), _cells(tmp_path / "changed" / file.name)
        differences = [sum(map(str.__ne__, *rows)) for rows in zip(before, after, strict=True)]
        assert set(differences) <= {0, 1}
        differing += sum(differences)
        assert sum(differences) <= len(before) / bundles.FEW + 1
    assert differing == changed > 0


def test_enrollments_and_users_have_a_column_to_change() -> None:
    assert bundles.changeable(BY_NAME["enrollments"]) is BY_NAME["enrollments"].column("endDate")
    assert bundles.changeable(BY_NAME["users"])


@pytest.mark.parametrize("copy", [copying.copy_into_indexes, copying.copy_then_indexes])
def test_the_anchor_copies_the_rows_that_a_sync_publishes(
    copy: Any, bulk: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    files = copying.convert(bulk, tmp_path / "converted")
    template = postgres_server.migrated(upgrade)
    with postgres_server.database(template) as copied, postgres_server.database(template) as synced:
        copy(copied, files)
        given = {"ROSTERHUB_HOME": str(tmp_path / "home"), "DATABASE_URL": synced}
        syncing.sync(settings.load(given, dotenv=None), SOURCE, bulk)
        for entity in files:
            assert _rows(copied, entity.table) == _rows(synced, entity.table)
            assert len(_indexes(copied, entity.table)) == len(list(indexes(entity))) + 1
        assert _rows(copied, "users")
    assert {file.stem for file in bulk.glob("*.csv")} - {entity.name for entity in ENTITIES} == {"manifest"}


def _cells(file: Path) -> list[list[str]]:
    with file.open(newline="") as text:
        return list(csv.reader(text))


def _rows(url: str, table: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        statement = sql.SQL("SELECT * FROM {} ORDER BY sourced_id").format(sql.Identifier(table))
        return connection.execute(statement).fetchall()


def _indexes(url: str, table: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", (table,)).fetchall()


def test_another_sources_rows_are_gone_afterwards_and_no_others(bulk: Path, migrated_url: str, tmp_path: Path) -> None:
    home = settings.load({"ROSTERHUB_HOME": str(tmp_path), "DATABASE_URL": migrated_url}, dotenv=None)
    syncing.sync(home, SOURCE, bulk)
    alone = _rows_by_source(migrated_url)
    with reading_while_publishing.another_source(migrated_url, "other") as other:
        syncing.sync(home, other, bulk)
        assert _rows_by_source(migrated_url) == alone | {("other", table): count for (_, table), count in alone.items()}
    assert _rows_by_source(migrated_url) == alone


def test_each_round_publishes_another_revision_than_the_one_before() -> None:
    material = Material(*map(Path, ("bulk", "changed", "rewritten", "delta")), converted={})
    published = [reading_while_publishing.revision(material, number).name for number in (1, 2, 3)]
    assert published == ["rewritten", "bulk", "rewritten"]


def _rows_by_source(database_url: str) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    with psycopg.connect(database_url) as connection:
        for entity in ENTITIES:
            query = sql.SQL("SELECT source, count(*) FROM {} GROUP BY 1").format(sql.Identifier(entity.table))
            counts |= {(source, entity.table): count for source, count in connection.execute(query)}
    return counts
