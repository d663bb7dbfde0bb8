"""The server whose roster is backed up: a connection, or the sentence that it is away."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from pipelines.backups import programs
from pipelines.backups.programs import ClientPrograms
from pipelines.errors import DependencyAway
from pipelines.settings import Settings


@contextmanager
def connected(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection to the roster. Raises DependencyAway where there is none, or where it is lost."""
    try:
        with psycopg.connect(settings.require_database_url()) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DependencyAway(f"PostgreSQL is away, so nothing can be backed up: {error}") from error


def fitting_programs(settings: Settings) -> ClientPrograms:
    """The programs that fit the roster's server."""
    with connected(settings) as connection:
        return programs.fitting(connection, settings.pg_bin)
