"""PostgreSQL, Valkey and the API as the one-machine stack runs them, in a folder of the benchmarks' own.

PostgreSQL has the stack's own settings, so it is as durable as in production. Everything ends with the block.
"""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import psycopg
import redis
from psycopg import sql

from deploy.local import binaries, postgres, processes, valkey
from deploy.local.applications import Applications
from deploy.local.ports import Ports
from deploy.local.postgres import Postgres
from deploy.local.progress import Progress
from deploy.local.record import Record
from deploy.local.supervisor import Supervisor, end_leftovers
from pipelines import settings as configuration
from pipelines.errors import DependencyAway
from pipelines.roster.migrations import upgrade
from pipelines.settings import Settings

# The services whose time is measured, by the names that they are started with.
API = "api"
ANCHOR = "anchor"
POSTGRES = "postgres"

_TEMPLATE = "bench_template"
_PATIENCE_SECONDS = 60
_A_WHILE = 0.5


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

    def vacuum(self, database_url: str) -> None:
        """What autovacuum does a minute after a load."""
        with self._administrator(database_url.rpartition("/")[2]) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def start_api(self, settings: Settings) -> str:
        """gunicorn over those settings' database and Redis; its address."""
        applications = Applications(replace(settings, api_port=self.ports.any()), code_port=0)
        self.supervisor.start(applications.api())
        return applications.api_url

    def forget(self, settings: Settings) -> None:
        """Let the API begin anew: an empty cache, and workers that have just started and remember nothing."""
        with redis.Redis.from_url(settings.redis_url or "") as cache:
            cache.flushdb()
        server = self._process(API)
        old = set(server.children())
        server.send_signal(signal.SIGHUP)  # gunicorn starts new workers and ends the old ones
        if not processes.wait_until(lambda: not old & set(server.children()) and self._is_idle(API), _PATIENCE_SECONDS):
            raise DependencyAway(f"the API's workers were not renewed within {_PATIENCE_SECONDS} seconds")

    def _is_idle(self, name: str) -> bool:
        """Whether it uses no time: a worker that is still loading does."""
        before = self.cpu_seconds(name)
        time.sleep(_A_WHILE)
        return self.cpu_seconds(name) - before < _A_WHILE / 10

    def cpu_seconds(self, *names: str) -> float:
        """What those services have used so far, user and system time, with all that they started."""
        return sum(_cpu_seconds(self._process(name)) for name in names)

    def _process(self, name: str) -> psutil.Process:
        found = [service.identity.find() for service in self.supervisor.record.services() if service.name == name]
        if not found or found[-1] is None:
            raise DependencyAway(f"{name} does not run any more: its log is in {self.folder / 'logs'}")
        return found[-1]

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


def settings_in(home: Path) -> Settings:
    """The default settings with that home, but for the programs of PostgreSQL that the environment names."""
    named = os.environ.get("ROSTERHUB_PG_BIN")
    given = {"ROSTERHUB_PG_BIN": named} if named else {}
    return configuration.load({**given, "ROSTERHUB_HOME": str(home)}, dotenv=None, announced=False)


@contextmanager
def running(folder: Path, progress: Progress) -> Iterator[Servers]:
    """Start PostgreSQL and Valkey in `folder`/work, which is emptied afterwards.

    What a killed run left there is ended and removed first. Raises Refused where another run uses the folder.
    """
    settings = settings_in(folder / "work")  # of our own: whoever names a folder with other things in it keeps them
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


def _cpu_seconds(process: psutil.Process) -> float:
    """Of the process and its descendants; those that have ended are in the times of whoever started them."""
    used = 0.0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):  # it may end meanwhile
            used += sum(one.cpu_times()[:4])
    return used


def _empty(folder: Path, keep: Path | None = None) -> None:
    for path in folder.iterdir():
        if path != keep:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
