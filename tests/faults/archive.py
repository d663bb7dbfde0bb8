"""A server whose WAL pgBackRest archives, with the files of deploy/pgbackrest; only paths and the login are this run's.

They come by environment, which pgBackRest puts before its file; the server hands it on to its archive command.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.postgres import SUPERUSER, Postgres
from deploy.local.services import Service
from tests.journeys import running

SHIPPED = running.REPOSITORY / "deploy" / "pgbackrest"
STANZA = "--stanza=rosterhub"


def require() -> None:
    """Skip where pgBackRest is not."""
    if shutil.which("pgbackrest") is None:
        pytest.skip("no pgbackrest: apt install pgbackrest postgresql-15")


@dataclass(frozen=True)
class Archived:
    """A server and the archive in `folder`, which servers that are restored from it share."""

    server: Postgres
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What differs from the shipped file."""
        return {
            "PGBACKREST_CONFIG": str(SHIPPED / "pgbackrest.conf"),
            "PGBACKREST_REPO1_PATH": str(self.folder / "repository"),
            "PGBACKREST_LOG_PATH": str(self.folder / "log"),
            "PGBACKREST_LOCK_PATH": str(self.folder / "lock"),
            "PGBACKREST_SPOOL_PATH": str(self.folder / "spool"),
            "PGBACKREST_PG1_PATH": str(self.server.data),
            "PGBACKREST_PG1_PORT": str(self.server.port),
            "PGBACKREST_PG1_SOCKET_PATH": str(self.folder),
            "PGBACKREST_PG1_USER": SUPERUSER,
            "PGPASSWORD": self.server.password,
        }

    def service(self) -> Service:
        """The process of the server: it has a socket file, which pgBackRest connects through."""
        service = self.server.service(self.server.folder / "log", "-c", f"unix_socket_directories={self.folder}")
        return replace(service, environment=self.environment)

    def run(self, *arguments: str) -> str:
        """pgBackRest with those arguments, as the server's account."""
        done = subprocess.run(
            self.server.account.command("pgbackrest", STANZA, *arguments),
            env=os.environ | self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def restored(self, folder: Path, *arguments: str) -> "Archived":
        """A server of its own folder, restored from the archive. Not started."""
        server = replace(self.server, folder=folder, port=ports.unused())
        server.data.mkdir(parents=True, mode=0o700)
        server.account.own(folder)
        back = Archived(server, self.folder)
        back.run("restore", *arguments)
        return back


@contextmanager
def archived(folder: Path) -> Iterator[Archived]:
    """A new server that runs, its settings and its archive as shipped, and checked."""
    from tests.journeys.test_postgresql_15 import programs  # skips where they are not

    require()
    server = running.own_postgres(folder, programs())
    with (server.data / "postgresql.conf").open("a") as settings:
        settings.write((SHIPPED / "postgresql.conf").read_text())
    place = folder / "archive"
    (place / "log").mkdir(parents=True)
    (place / "spool").mkdir()
    server.account.own(place)
    found = Archived(server, place)
    with running.running(found.service()):
        found.run("stanza-create")
        found.run("check")
        yield found
