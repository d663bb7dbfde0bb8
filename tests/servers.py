"""The real PostgreSQL and Valkey of a test run: one of each, started by whichever worker needs it first.

The run's first process makes the folder and ends the servers; workers find it through an environment variable. Every
test has a database of its own, made in some 30 ms, and its worker's numbered database of Valkey.
"""

import fcntl
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from deploy.local import binaries, ports, postgres, processes, valkey
from deploy.local.postgres import Postgres
from deploy.local.processes import Identity
from deploy.local.services import Service
from deploy.local.valkey import Valkey

FOLDER = "ROSTERHUB_TEST_SERVERS"
_PREFIX = "rosterhub-tests-"
_TEMPLATE = "migrated_template"
# The data of a test may be lost, its time may not; and only a superuser may drop a database that is being vacuumed.
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "autovacuum=off")
_HASTY = tuple(part for setting in _SETTINGS for part in ("-c", setting))
_numbers = itertools.count(1)


@dataclass(frozen=True)
class PostgresServer:
    """The run's PostgreSQL."""

    server: Postgres

    def url(self, database: str = "postgres", user: str = postgres.OWNER) -> str:
        """How to reach a database as the owner, who is no superuser."""
        return self.server.url(database, user)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database, dropped afterwards."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        try:
            yield self.url(name)
        finally:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def migrated(self, upgrade: Callable[[str], object]) -> str:
        """The name of a template that holds the schema, made by the first who asks."""
        with _locked("template"):
            if not self._exists(_TEMPLATE):
                self._run("CREATE DATABASE {}", "unfinished")
                upgrade(self.url("unfinished"))
                self._run("ALTER DATABASE {} RENAME TO {}", "unfinished", _TEMPLATE)
        return _TEMPLATE

    def _exists(self, name: str) -> bool:
        with psycopg.connect(self.url()) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is not None

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def start_postgres() -> PostgresServer:
    """The run's PostgreSQL, started if need be."""
    with _locked("postgres"):
        folder = _folder() / "postgres"
        port = _port("postgres")
        server = postgres.prepare(folder, port, binaries.postgres(_pg_bin()))
        _ensure_running(server.service(folder / "log", *_HASTY))
        return PostgresServer(server)


def start_valkey() -> Valkey:
    """The run's Valkey, started if need be."""
    with _locked("valkey"):
        folder = _folder() / "valkey"
        server = valkey.prepare(folder, _port("valkey"), binaries.valkey_server())
        _ensure_running(server.service(folder / "log"))
        return server


def make_folder() -> None:
    """Called once per run, before the workers: also ends what a killed run left."""
    place = _place()
    for left in place.glob(f"{_PREFIX}{os.geteuid()}-*"):
        if not psutil.pid_exists(int(left.name.rsplit("-", 1)[1])):
            _end(left)
    folder = place / f"{_PREFIX}{os.geteuid()}-{os.getpid()}"
    folder.mkdir()
    os.environ[FOLDER] = str(folder)


def _place() -> Path:
    """Memory where there is room: a database is some 400 files, and copying those takes 0.4 s on a slow disk."""
    memory = Path("/dev/shm")  # noqa: S108 - our own folder in it is made with a name of this run
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 2**30:
        return memory
    return Path(tempfile.gettempdir())


def end_folder() -> None:
    """Called once per run, after the workers."""
    _end(Path(os.environ.pop(FOLDER)))


def _end(folder: Path) -> None:
    for note in folder.glob("*.json"):
        process = Identity(**json.loads(note.read_text())).find()
        if process is not None:
            processes.end(process, signal.SIGINT, seconds=10)
    shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    return Path(os.environ[FOLDER])


def _pg_bin() -> Path | None:
    named = os.environ.get("ROSTERHUB_PG_BIN")
    return Path(named) if named else None


def _port(name: str) -> int:
    note = _folder() / f"{name}.port"
    if not note.exists():
        note.write_text(str(ports.unused()))
    return int(note.read_text())


def _ensure_running(service: Service) -> None:
    """Start the process so that it outlives this worker; the run's first process ends it."""
    note = _folder() / f"{service.name}.json"
    if note.exists():
        return
    with service.log.open("ab") as log:
        process = subprocess.Popen(service.command, stdout=log, stderr=log, start_new_session=True)
    note.write_text(json.dumps(asdict(Identity.of(process.pid))))
    if not processes.wait_until(service.ready, 30):
        raise RuntimeError(f"{service.title} did not start:\n{service.log.read_text()}")


@contextmanager
def _locked(name: str) -> Iterator[None]:
    with (_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
