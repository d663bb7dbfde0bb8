"""PostgreSQL, Valkey and the API as the one-machine stack runs them, in a folder of the benchmarks' own.

PostgreSQL has the stack's own settings, so it is as durable as in production. Everything ends with the block.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.local import binaries, postgres, valkey
from deploy.local.applications import Applications
from deploy.local.ports import Ports
from deploy.local.postgres import Postgres
from deploy.local.progress import Progress
from deploy.local.record import Record
from deploy.local.supervisor import Supervisor, end_leftovers
from pipelines import settings as configuration
from pipelines.roster.migrations import upgrade
from pipelines.settings import Settings

_TEMPLATE = "bench_template"


@dataclass(frozen=True)
class Servers:
    """What runs. `settings` name PostgreSQL's database `rosterhub`; measuring happens in databases of their own."""

    settings: Settings
    server: Postgres
    supervisor: Supervisor
    ports: Ports

    @property
    def folder(self) -> Path:
        """Where bundles and converted files may lie."""
        return self.settings.home

    def fresh(self, name: str) -> Settings:
        """Settings for a new database that has the schema and no rows; one of that name is dropped before."""
        self.drop(name)
        self._administer("CREATE DATABASE {} TEMPLATE {} OWNER {}", name, _TEMPLATE, postgres.OWNER)
        return replace(self.settings, database_url=self.server.url(name))

    def drop(self, name: str) -> None:
        """End a database."""
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def settle(self) -> None:
        """Write out what is dirty, so that one measure does not pay for the one before."""
        with self._administrator("postgres") as connection:
            connection.execute("CHECKPOINT")

    def vacuum(self, name: str) -> None:
        """What autovacuum does a minute after a load."""
        with self._administrator(name) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def start_api(self, settings: Settings) -> str:
        """gunicorn over those settings' database and Redis; its address."""
        applications = Applications(replace(settings, api_port=self.ports.any()), code_port=0)
        self.supervisor.start(applications.api())
        return applications.api_url

    def make_template(self) -> None:
        """An empty database with the schema, which the others are copied from."""
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", _TEMPLATE)
        self._administer("CREATE DATABASE {} OWNER {}", _TEMPLATE, postgres.OWNER)
        upgrade(self.server.url(_TEMPLATE))

    def _administer(self, statement: str, *names: str) -> None:
        with self._administrator("postgres") as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _administrator(self, database: str) -> psycopg.Connection:
        """Only a superuser may end the autovacuum of a database that is dropped, or ask for a checkpoint."""
        return psycopg.connect(self.server.url(database, postgres.SUPERUSER), autocommit=True)


@contextmanager
def running(folder: Path, progress: Progress) -> Iterator[Servers]:
    """Start PostgreSQL and Valkey in `folder`/work, which is emptied afterwards.

    What a killed run left there is ended and removed first. Raises Refused where another run uses the folder.
    """
    home = str(folder / "work")  # of our own: whoever names a folder with other things in it keeps them
    settings = configuration.load({**_pg_bin(), "ROSTERHUB_HOME": home}, dotenv=None, announced=False)
    record = Record(settings.home)
    with record.lock():
        end_leftovers(record, progress)
        _empty(settings.home, keep=record.folder)
        try:
            with Supervisor(record, progress) as supervisor:
                yield _started(settings, supervisor)
        finally:
            _empty(settings.home)


def _started(settings: Settings, supervisor: Supervisor) -> Servers:
    ports, logs = Ports(supervisor.progress.say), settings.home / "logs"
    database = postgres.prepare(settings.home / "postgres", ports.any(), binaries.postgres(settings.pg_bin))
    cache = valkey.prepare(settings.home / "valkey", ports.any(), binaries.valkey_server())
    supervisor.start(database.service(logs / "postgres.log"), cache.service(logs / "valkey.log"))
    named = replace(settings, database_url=database.url(), redis_url=cache.url())
    servers = Servers(named, database, supervisor, ports)
    servers.make_template()
    return servers


def _pg_bin() -> dict[str, str]:
    named = os.environ.get("ROSTERHUB_PG_BIN")
    return {"ROSTERHUB_PG_BIN": named} if named else {}


def _empty(folder: Path, keep: Path | None = None) -> None:
    for path in folder.iterdir():
        if path != keep:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
