"""Users that log in to a test's database as members of its roles, as the parts of a deployment do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from deploy.local import processes

PASSWORD = "hush"


@contextmanager
def login(owner_url: str, role: str, *, may: str = "") -> Iterator[str]:
    """The URL of a new user that is a member of the role and has further attributes; dropped afterwards."""
    user = f"{role}_user_{os.getpid()}"
    creation = sql.SQL("CREATE ROLE {} LOGIN {} PASSWORD {} IN ROLE {}").format(
        sql.Identifier(user), sql.SQL(may), sql.Literal(PASSWORD), sql.Identifier(role)
    )
    _run(owner_url, creation)
    try:
        yield as_user(owner_url, user)
    finally:
        processes.wait_until(lambda: not _sessions(owner_url, user), 10)  # the owner may not end them
        _run(owner_url, sql.SQL("DROP ROLE {}").format(sql.Identifier(user)))


def as_user(url: str, user: str, password: str = PASSWORD) -> str:
    """The same database for somebody else."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{address}"))


def _sessions(url: str, user: str) -> bool:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_stat_activity WHERE usename = %s", [user])
        return found.fetchone() is not None


def _run(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
