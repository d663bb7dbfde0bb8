"""Versioned migrations of the roster database, run with Alembic: `upgrade` is all that the rest calls.

A migration is frozen text: it never reads the declarations, which go on changing after it.
"""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from pipelines.errors import DependencyAway
from pipelines.roster.schema import grants_ddl

FOLDER = Path(__file__).parent
DRIVER = "postgresql+psycopg"
HEAD = "head"


def sqlalchemy_url(database_url: str) -> str:
    """The same address for SQLAlchemy, with psycopg 3 named as the driver."""
    return DRIVER + database_url[database_url.index("://") :]


def upgrade(database_url: str, revision: str = HEAD) -> None:
    """Bring the database to that revision. Two at once are safe: the second waits and finds nothing to do.

    At the newest revision the API's grants are given again, since a restored backup comes without any.
    """
    try:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext('rosterhub migrations'))")
            command.upgrade(_config(database_url), revision)
            if revision == HEAD:
                connection.execute(grants_ddl())
    except psycopg.OperationalError as error:
        raise DependencyAway(
            f"PostgreSQL cannot be reached: {error}. Is it started, and is DATABASE_URL right?"
        ) from error


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
