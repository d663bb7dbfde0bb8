"""Fixtures of the pipelines' tests: publish a district as a sync would, and read the store."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from pipelines import contract
from pipelines.handover import Publication, StagedBundle
from pipelines.landing.opening import open_bundle
from pipelines.roster.publishing import publish
from pipelines.staged.staging import stage
from tests.pipelines.district import District
from tests.pipelines.logins import login

Stage = Callable[..., StagedBundle]
Publish = Callable[..., Publication]
Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def stage_district(tmp_path: Path) -> Stage:
    """Write a district as a bundle, open and stage it."""
    counter = iter(range(1000))

    def run(district: District, strict: bool = False) -> StagedBundle:
        folder = tmp_path / f"bundle{next(counter)}"
        opened = open_bundle(district.write(folder), tmp_path, strict=strict)
        return stage(opened, folder / "staged")

    return run


@pytest.fixture
def publish_district(stage_district: Stage, migrated_url: str) -> Publish:
    """Stage a district and publish it to the test's database."""

    def run(district: District, source: str = "s", **options: Any) -> Publication:
        staged = stage_district(district)
        return publish(migrated_url, source, staged, arrival=f"{source}/{staged.fingerprint}", **options)

    return run


@pytest.fixture
def rows(migrated_url: str) -> Iterator[Rows]:
    """Ask the test's database."""
    with psycopg.connect(migrated_url, autocommit=True, row_factory=dict_row) as connection:
        yield lambda query, *values: connection.execute(query, values).fetchall()


@pytest.fixture
def pipelines_url(migrated_url: str) -> Iterator[str]:
    """The test's database for whoever publishes, who is not its owner."""
    with login(migrated_url, contract.PIPELINES_ROLE) as url:
        yield url


@pytest.fixture
def backup_url(migrated_url: str) -> Iterator[str]:
    """The test's database for whoever backs it up."""
    with login(migrated_url, contract.BACKUP_ROLE, may="CREATEDB") as url:
        yield url
