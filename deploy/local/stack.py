"""What runs on one machine, in which order: PostgreSQL and Valkey, the migration, then Dagster and the API.

A server that DATABASE_URL or REDIS_URL names is used instead of starting one. Nothing is loaded: that is the
operator's, or the demo's.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import conninfo, sql

from deploy.local import binaries, postgres, valkey
from deploy.local.applications import Applications
from deploy.local.ports import Ports, Wanted
from deploy.local.progress import Progress
from deploy.local.record import Record
from deploy.local.supervisor import Supervisor
from pipelines.errors import DependencyAway
from pipelines.settings import Settings

_ANNOUNCED = ("DATABASE_URL", "REDIS_URL", "DAGSTER_PG_URL", "ROSTERHUB_API_PORT", "ROSTERHUB_UI_PORT")


@dataclass(frozen=True)
class Stack:
    """A stack that is up; `supervisor.watch()` keeps it so."""

    applications: Applications
    supervisor: Supervisor


@contextmanager
def running(settings: Settings, progress: Progress) -> Iterator[Stack]:
    """Start everything; leaving the block, however that happens, stops it.

    `settings` are loaded without what an earlier stack announced.
    """
    record = Record(settings.home)
    with record.lock(), Supervisor(record, progress) as supervisor:
        record.write(supervisor=os.getpid(), state="starting", versions=_versions())
        yield Stack(_Start(settings, supervisor).everything(), supervisor)


class _Start:
    """The steps of one start; each leaves in `settings` what the next needs."""

    def __init__(self, settings: Settings, supervisor: Supervisor) -> None:
        self.settings = settings
        self.supervisor = supervisor
        self.progress = supervisor.progress
        self._ports = Ports(supervisor.progress.say)

    def everything(self) -> Applications:
        self._postgres()
        self._valkey()
        self._migrate()
        return self._applications()

    def _postgres(self) -> None:
        if self.settings.database_url is None:
            programs = binaries.postgres(self.settings.pg_bin)
            port = self._port("PostgreSQL", "ROSTERHUB_PG_PORT", self.settings.pg_port)
            with self.progress.step("PostgreSQL makes its data"):
                server = postgres.prepare(self.settings.home / "postgres", port, programs)
            self.supervisor.start(server.service(self._log("postgres")))
            self._note_version("postgres", programs.version)
            self.settings = replace(self.settings, database_url=server.url(), pg_port=port)
        if self.settings.dagster_url is None:
            url = _dagster_url(self.settings.require_database_url())
            self.settings = replace(self.settings, dagster_url=url)

    def _valkey(self) -> None:
        if self.settings.redis_url is None:
            port = self._port("Valkey", "ROSTERHUB_REDIS_PORT", self.settings.redis_port)
            server = valkey.prepare(self.settings.home / "valkey", port, binaries.valkey_server())
            self.supervisor.start(server.service(self._log("valkey")))
            self.settings = replace(self.settings, redis_url=server.url(), redis_port=port)

    def _migrate(self) -> None:
        from pipelines.roster.migrations import upgrade  # alembic is slow to import

        with self.progress.step("the database is migrated"):
            upgrade(self.settings.require_database_url())
        self.progress.say("the database has this version's schema")

    def _applications(self) -> Applications:
        api_port = self._port("the API", "ROSTERHUB_API_PORT", self.settings.api_port, self.settings.bind)
        ui_port = self._port("Dagster's UI", "ROSTERHUB_UI_PORT", self.settings.ui_port, self.settings.bind)
        self.settings = replace(self.settings, api_port=api_port, ui_port=ui_port)
        self.settings.landing.mkdir(parents=True, exist_ok=True)
        (self.settings.home / "dagster").mkdir(exist_ok=True)
        applications = Applications(self.settings, self._ports.any())
        self.supervisor.start(applications.code_server(), applications.api())
        self.supervisor.start(applications.web_server(), applications.daemon())
        self._announce(applications)
        return applications

    def _announce(self, applications: Applications) -> None:
        environment = self.settings.environment()
        record = self.supervisor.record
        record.announce({name: environment[name] for name in _ANNOUNCED})
        record.write(
            state="ready",
            urls={"api": applications.api_url, "ui": applications.ui_url},
            ports={
                "api": self.settings.api_port,
                "ui": self.settings.ui_port,
                "postgres": _postgres_port(self.settings.require_database_url()),
                "redis": urlsplit(self.settings.require_redis_url()).port or 6379,
            },
        )

    def _port(self, title: str, variable: str, port: int, address: str = "127.0.0.1") -> int:
        wanted = Wanted(title, variable, port, variable in self.settings.explicit)
        return self._ports.choose(wanted, address)

    def _log(self, name: str) -> Path:
        return self.settings.home / "logs" / f"{name}.log"

    def _note_version(self, name: str, number: str) -> None:
        self.supervisor.record.write(versions={**_versions(), name: number})


def _dagster_url(database_url: str) -> str:
    """Dagster's database on the roster's server, made if it is missing."""
    name = postgres.DATABASES[1]
    try:
        with psycopg.connect(database_url, autocommit=True, connect_timeout=5) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.OperationalError as error:
        raise DependencyAway(f"the database that DATABASE_URL names is away: {error}") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise DependencyAway(
            f"Dagster needs a database of its own, and this role may not make it: CREATE DATABASE {name} as an "
            "administrator, or set DAGSTER_PG_URL"
        ) from error
    return urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))


def _postgres_port(url: str) -> int:
    """The port of the first server: a URL may name several."""
    return int(str(conninfo.conninfo_to_dict(url).get("port") or 5432).split(",")[0])


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("dagster", "gunicorn", "polars")}
