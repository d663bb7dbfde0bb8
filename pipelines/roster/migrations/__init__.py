"""Versioned migrations of the roster database, run with Alembic: `upgrade` is all that the rest calls.

A migration is frozen text: it never reads the declarations, which go on changing after it.
"""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from pipelines.connecting import connect
from pipelines.errors import DependencyAway
from pipelines.roster.migrations import locks
from pipelines.roster.schema import renewed_ddl

FOLDER = Path(__file__).parent
DRIVER = "postgresql+psycopg"
HEAD = "head"


def sqlalchemy_url(database_url: str) -> str:
    """The same address for SQLAlchemy, with psycopg 3 named as the driver."""
    return DRIVER + database_url[database_url.index("://") :]


def upgrade(database_url: str, revision: str = HEAD) -> None:
    """Bring the database to that revision. Two at once are safe: the second waits and finds nothing to do.

    At the newest revision the roles' grants are given again, since a restored backup comes without any. Refused, naming
    who is in the way, where a table that has to be changed stays in use.
    """
    try:
        with connect(database_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext('rosterhub migrations'))")
            locks.attempt(connection, lambda: _migrate(database_url, revision))
            if revision == HEAD:
                connection.execute(renewed_ddl().encode())
    except psycopg.OperationalError as error:
        raise DependencyAway(
            f"PostgreSQL cannot be reached: {error}. Is it started, and is DATABASE_URL right?"
        ) from error


def _migrate(database_url: str, revision: str) -> None:
    """Alembic's work, in one transaction; raises what psycopg raised."""
    try:
        command.upgrade(_config(database_url), revision)
    except DBAPIError as error:
        raise (error.orig or error) from None


def newest() -> str:
    """The revision that this version brings a database to."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current(connection: psycopg.Connection) -> str | None:
    """The revision that a database is at; None if it was never migrated."""
    try:
        with connection.transaction():
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return row[0] if row else None


def _config(database_url: str = "") -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    if database_url:
        config.set_main_option("sqlalchemy.url", sqlalchemy_url(database_url).replace("%", "%%"))
    return config
