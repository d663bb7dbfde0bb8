"""Two PostgreSQL servers, a primary and its streaming standby, handled as docs/operator.md tells operators to.

Each has a folder and a port of its own on this machine. No server becomes a primary because it was started: whichever
is primary keeps the mark of a standby in its folder (`guard`), so that only a promotion makes one.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from deploy.local import ports, processes
from deploy.local.binaries import PostgresPrograms
from deploy.local.postgres import DATABASES, OWNER, SUPERUSER, Postgres
from deploy.local.services import Service
from tests.journeys import running

REPLICATOR = "replicator"
_SECONDS = 30


@dataclass(frozen=True)
class Pair:
    """The two servers; which of them is primary changes."""

    first: Postgres
    second: Postgres

    def url(self, session: str, user: str = OWNER) -> str:
        """A DSN that names both, the first one first; `session`: which of them will do (target_session_attrs)."""
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in (self.first, self.second))
        login = f"{user}:{quote(self.first.password)}"
        return f"postgresql://{login}@{hosts}/{DATABASES[0]}?target_session_attrs={session}"


@contextmanager
def replicated(folder: Path, programs: PostgresPrograms | None = None) -> Iterator[tuple[Pair, psutil.Process]]:
    """A guarded primary and a standby that has caught up; also the primary's process. Both end with the block."""
    first = running.own_postgres(folder / "first", programs)
    with running.running(running.own_service(first)) as primary:
        administer(first, f"CREATE ROLE {REPLICATOR} LOGIN REPLICATION PASSWORD '{first.password}'")
        guard(first)
        second = copied(first, folder / "second")
        with running.running(standing_by(second)):
            wait_for_replay(first, second)
            yield Pair(first, second), primary


def copied(primary: Postgres, folder: Path) -> Postgres:
    """A standby's data, copied from the primary: pg_basebackup -R. Not started."""
    folder.mkdir(parents=True)
    primary.account.own(folder)
    server = replace(primary, folder=folder, port=ports.unused())
    source = f"host=127.0.0.1 port={primary.port} user={REPLICATOR} password={primary.password}"
    run(server, "pg_basebackup", "-D", server.data, "-d", source, "-R", "--checkpoint=fast")
    with (server.data / "postgresql.auto.conf").open("a") as settings:
        settings.write("hot_standby = on\n")  # the guarded primary's `off` came with the copy, and the last line counts
    return server


def guard(server: Postgres) -> None:
    """What is done to whoever has become primary: started again, it waits and takes no connection until promoted."""
    administer(server, "ALTER SYSTEM SET hot_standby = off")
    mark = server.data / "standby.signal"
    mark.touch()
    server.account.own(server.data)


def promote(server: Postgres) -> None:
    """Make the standby a primary, as an operator does; returns when it takes writes."""
    run(server, "pg_ctl", "promote", "-D", server.data, "-w", "-t", _SECONDS)


def run(server: Postgres, program: str, *arguments: object) -> None:
    """One of PostgreSQL's programs, as the server's account."""
    command = server.account.command(server.programs[program], *map(str, arguments))
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=server.folder)
    assert done.returncode == 0, done.stderr


def standing_by(server: Postgres) -> Service:
    """The process of a standby, which has nothing to make and can only be read."""
    return replace(running.own_service(server), ready=lambda: is_in_recovery(server) is not None)


def is_in_recovery(server: Postgres) -> bool | None:
    """Whether it is a standby; None where it takes no connection."""
    try:
        with psycopg.connect(server.url(), connect_timeout=2) as connection:
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
            return bool(row and row[0])
    except psycopg.OperationalError:
        return None


def wait_for_replay(primary: Postgres, standby: Postgres) -> None:
    """Until the standby shows what the primary has committed by now."""
    end = asked(primary, "SELECT pg_current_wal_lsn()::text")

    def is_there() -> bool:
        return bool(asked(standby, f"SELECT pg_last_wal_replay_lsn() >= '{end}'::pg_lsn"))

    assert processes.wait_until(is_there, _SECONDS), "the standby does not follow"


def administer(server: Postgres, statement: str) -> None:
    """One statement as superuser."""
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(statement)


def asked(server: Postgres, query: str) -> object:
    """The one value that a query as superuser answers, in the roster's database."""
    with psycopg.connect(server.url(DATABASES[0], SUPERUSER), autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def crash(process: psutil.Process) -> None:
    """As when the machine loses its power: the server and every process of it, at once."""
    family = [process, *process.children(recursive=True)]
    for one in family:
        one.kill()
    assert processes.wait_until(lambda: all(processes.has_ended(one) for one in family), 10)
