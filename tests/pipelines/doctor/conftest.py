"""A sound database, and its owner's connection to it, for a test to spoil."""

from collections.abc import Iterator

import psycopg
import pytest

from pipelines.settings import Settings, load


@pytest.fixture
def settings(migrated_url: str) -> Settings:
    return load({"DATABASE_URL": migrated_url}, None, announced=False)


@pytest.fixture
def connection(migrated_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        yield connection
