"""The round of all checks. What needs the database is not asked while that is away: one fault is told once."""

from collections.abc import Iterator

import psycopg

from pipelines.connecting import connect
from pipelines.doctor import database, encryption, machine, servers
from pipelines.doctor.diagnosis import Diagnosis, fail
from pipelines.settings import Settings

_CONNECT_SECONDS = 5


def examine(settings: Settings) -> Iterator[Diagnosis]:
    """Every diagnosis, in the order in which an operator would look. Raises nothing for what is away."""
    yield from _database(settings)
    yield servers.redis_server(settings)
    yield encryption.redis_server(settings)
    yield servers.dagster(settings)
    yield from machine.folders(settings)
    yield from machine.disks(settings)


def _database(settings: Settings) -> Iterator[Diagnosis]:
    if settings.database_url is None:
        yield fail("database", "DATABASE_URL is not set", "start one with `rosterhub up`, or set DATABASE_URL")
        return
    try:
        with connect(settings.database_url, connect_timeout=_CONNECT_SECONDS, autocommit=True) as connection:
            for check in database.CHECKS:
                yield check(connection, settings)
    except psycopg.OperationalError as error:
        yield fail("database", str(error).strip().splitlines()[0], "start PostgreSQL, or correct DATABASE_URL")
