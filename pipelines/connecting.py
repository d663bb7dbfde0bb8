"""A connection to PostgreSQL, or one sentence that it is away. What it is for is the caller's matter."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from pipelines.errors import DependencyAway


@contextmanager
def connected(
    database_url: str, away: str = "PostgreSQL cannot be reached", **options: Any
) -> Iterator[psycopg.Connection]:
    """A connection that ends with the block. DependencyAway, beginning with `away`, where there is none or it is lost.

    `options` are psycopg's.
    """
    try:
        with psycopg.connect(database_url, **options) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DependencyAway(f"{away}: {error}") from error
