"""The folder of backups: each a dump with its SHA-256 and what is known of it, and `latest.dump`, the last good one.

rosterhub-20260901T010000Z.dump           custom format, for pg_restore
rosterhub-20260901T010000Z.dump.sha256    as `sha256sum --check` reads it
rosterhub-20260901T010000Z.dump.json      when, of what, how many rows; whether it was restored and found equal
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.backups.inventory import Inventory, TableFacts
from pipelines.errors import Refused

LATEST = "latest.dump"
UNFINISHED = ".unfinished"
_PREFIX = "rosterhub-"


@dataclass(frozen=True)
class Backup:
    """A dump on the shelf. `faults` says what was wrong when it was restored; None if it never was."""

    path: Path
    created_at: str  # ISO 8601, UTC
    sha256: str
    size: int
    server_version: int
    tables: Inventory
    faults: tuple[str, ...] | None = None

    @property
    def is_good(self) -> bool:
        """Whether it was restored and found equal."""
        return self.faults == ()

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(facts.rows for facts in self.tables.values())

    def as_dict(self) -> dict[str, Any]:
        """As it is kept and printed."""
        return {**asdict(self), "path": str(self.path)}


def name_at(moment: datetime) -> str:
    """The file name of a backup made at that moment (UTC)."""
    return f"{_PREFIX}{moment:%Y%m%dT%H%M%SZ}.dump"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only one who writes to the shelf; what a killed backup left there goes."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"another backup into {folder} is running; wait for it to end") from None
        for left in folder.glob(f"*{UNFINISHED}"):
            left.unlink()
        yield


def put(backup: Backup, unfinished: Path) -> Backup:
    """Give a finished dump its name, with its notes beside it."""
    os.chmod(unfinished, 0o600)
    note(backup)
    _write(Path(f"{backup.path}.sha256"), f"{backup.sha256}  {backup.path.name}\n")
    unfinished.replace(backup.path)
    return backup


def note(backup: Backup) -> None:
    """Write down what is known of a backup; the last one found good becomes the latest."""
    _write(Path(f"{backup.path}.json"), json.dumps(backup.as_dict(), indent=2))


def point_latest(backup: Backup) -> None:
    """Let `latest.dump` lead to this backup: a link that is replaced, so that it always leads somewhere."""
    link = backup.path.parent / f"{LATEST}{UNFINISHED}"
    link.unlink(missing_ok=True)
    link.symlink_to(backup.path.name)
    link.replace(backup.path.parent / LATEST)


def backups(folder: Path) -> list[Backup]:
    """What is on the shelf, newest first."""
    return [_read(path) for path in sorted(folder.glob(f"{_PREFIX}*.dump"), reverse=True)]


def latest(folder: Path) -> Backup:
    """The last one that was found good; Refused if there is none."""
    link = folder / LATEST
    if not link.exists():
        raise Refused(f"there is no good backup in {folder}: make one with `rosterhub backup create`")
    return at(link)


def at(path: Path) -> Backup:
    """The backup of that path; Refused where there is none."""
    if not path.exists():
        raise Refused(f"{path} does not exist; `rosterhub backup list` says which backups there are")
    return _read(path.resolve())


def _read(path: Path) -> Backup:
    try:
        plain = json.loads(Path(f"{path}.json").read_text())
        tables = {name: TableFacts(**facts) for name, facts in plain.pop("tables").items()}
        faults = plain.pop("faults")
        found = Backup(**plain, tables=tables, faults=None if faults is None else tuple(faults))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Refused(f"{path} cannot be used: its notes {path.name}.json are missing or damaged") from error
    return replace(found, path=path)  # the shelf may have been moved


def sha256_of(path: Path) -> str:
    """The SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    unfinished = Path(f"{path}{UNFINISHED}")
    unfinished.write_text(text)
    unfinished.chmod(0o600)
    unfinished.replace(path)
