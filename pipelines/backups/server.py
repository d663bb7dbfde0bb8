"""The server whose roster is backed up: a connection, or the sentence that it is away."""

from contextlib import AbstractContextManager

import psycopg

from pipelines import connecting
from pipelines.backups import programs
from pipelines.backups.programs import ClientPrograms
from pipelines.settings import Settings


def connected(settings: Settings) -> AbstractContextManager[psycopg.Connection]:
    """A connection to the roster. Raises DependencyAway where there is none, or where it is lost."""
    return connecting.connected(settings.require_backup_url(), "PostgreSQL is away, so nothing can be backed up")


def fitting_programs(settings: Settings) -> ClientPrograms:
    """The programs that fit the roster's server."""
    with connected(settings) as connection:
        return programs.fitting(connection, settings.pg_bin)
