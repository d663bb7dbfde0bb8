"""The folder of backups: each a dump and the same as SQL, their SHA-256, and what is known of them.

rosterhub-20260901T010000Z.dump           custom format, for pg_restore
rosterhub-20260901T010000Z.sql.gz         the same rows as SQL, for psql
rosterhub-20260901T010000Z.*.sha256       as `sha256sum --check` reads it
rosterhub-20260901T010000Z.json           when, of what, how many rows; whether it was restored and found equal
latest.dump, latest_backup.sql.gz         links to the newest good one

Encrypted files, and the links to them, end in .age. What may not enter: the database, and what a dump is made with.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.backups.inventory import Inventory, TableFacts
from pipelines.errors import Refused

DUMP, SCRIPT = ".dump", ".sql.gz"
SEALED = ".age"
UNFINISHED = ".unfinished"
LINKS = {DUMP: "latest.dump", SCRIPT: "latest_backup.sql.gz"}
_PREFIX = "rosterhub-"
_READ_OFF = ("path", "size", "rows", "state")  # of what is printed: made from the rest


@dataclass(frozen=True)
class StoredFile:
    """A file on the shelf. `size` in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Backup:
    """A dump on the shelf, and the script made of it. `faults` says what was wrong when it was restored."""

    folder: Path
    name: str
    created_at: str  # ISO 8601, UTC
    seconds: float  # from the first row dumped to the last file named
    server_version: int
    dump: StoredFile
    script: StoredFile | None  # none if the dump was no good
    tables: Inventory
    faults: tuple[str, ...]
    drilled_at: str | None = None  # when the finished files were last restored
    drill_seconds: float | None = None  # how long the dump took then

    @property
    def path(self) -> Path:
        """Where the dump is."""
        return self.folder / self.dump.name

    @property
    def files(self) -> tuple[StoredFile, ...]:
        """The dump, and the script if there is one."""
        return (self.dump,) if self.script is None else (self.dump, self.script)

    @property
    def is_good(self) -> bool:
        """Whether it was restored and found equal."""
        return not self.faults

    @property
    def is_sealed(self) -> bool:
        """Whether it is encrypted."""
        return self.dump.name.endswith(SEALED)

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(file.size for file in self.files)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(facts.rows for facts in self.tables.values())

    @property
    def state(self) -> str:
        """What is known of it, in a word or two. What was encrypted is another file than the one that was restored."""
        if not self.is_good:
            return "NO GOOD"
        return "verified before encryption" if self.is_sealed and self.drilled_at is None else "verified"

    def as_dict(self, place: str | None = None) -> dict[str, Any]:
        """As it is kept and printed. `place` is where it lies, if that is no folder."""
        folder = place or str(self.folder)
        told = {"path": f"{folder}/{self.dump.name}", "size": self.size, "rows": self.rows, "state": self.state}
        return {**asdict(self), "folder": folder, **told}


def free_name(folder: Path, moment: datetime) -> str:
    """The name of a backup made at that moment (UTC), or as soon after it as no other has the name."""
    while (folder / f"{name_at(moment)}.json").exists():
        moment += timedelta(seconds=1)
    return name_at(moment)


def name_at(moment: datetime) -> str:
    """The name of a backup made at that moment (UTC): what its files' names begin with."""
    return f"{_PREFIX}{moment:%Y%m%dT%H%M%SZ}"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only one who writes to the shelf. What is unfinished goes, before and after: a killed one left it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"another backup into {folder} is running; wait for it to end") from None
        _remove_unfinished(folder)
        try:
            yield
        finally:
            _remove_unfinished(folder)


def _remove_unfinished(folder: Path) -> None:
    for left in folder.glob(f"*{UNFINISHED}"):
        left.unlink()


def put(backup: Backup, unfinished: Mapping[str, Path]) -> Backup:
    """Give finished files (by the name they get) their names. The dump's comes last: with it the backup is there."""
    for path in unfinished.values():
        _sync(path)
    note(backup)
    for file in backup.files:
        write(backup.folder / f"{file.name}.sha256", f"{file.sha256}  {file.name}\n")
    for file in reversed(backup.files):
        unfinished[file.name].replace(backup.folder / file.name)
    _sync(backup.folder)
    return backup


def begin(path: Path) -> Path:
    """An empty unfinished file that its owner alone may read, whatever is allowed in the folder."""
    path.touch(mode=0o600)
    return path


def facts_of(path: Path, name: str) -> StoredFile:
    """What is noted of a file that gets that name."""
    return StoredFile(name, sha256_of(path), path.stat().st_size)


def note(backup: Backup) -> None:
    """Write down what is known of a backup."""
    write(notes_of(backup), json.dumps(backup.as_dict(), indent=2))


def notes_of(backup: Backup) -> Path:
    """Where that is written."""
    return backup.folder / f"{backup.name}.json"


def paths_of(backup: Backup) -> list[Path]:
    """Everything on the shelf that belongs to a backup, its notes last."""
    named = [(backup.folder / file.name, backup.folder / f"{file.name}.sha256") for file in backup.files]
    return [*(path for pair in named for path in pair), notes_of(backup)]


def relink(folder: Path) -> None:
    """Let the links lead to the newest good backup. They are replaced, so that they always lead somewhere; those to
    what is no good, or encrypted otherwise than the newest, go."""
    good = next((backup for backup in backups(folder) if backup.is_good), None)
    wanted = {} if good is None else _links(good)
    for name, target in wanted.items():
        link = folder / f"{name}{UNFINISHED}"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        link.replace(folder / name)
    for stem in LINKS.values():
        for name in {stem, stem + SEALED} - wanted.keys():
            (folder / name).unlink(missing_ok=True)


def _links(backup: Backup) -> dict[str, str]:
    ending = SEALED if backup.is_sealed else ""
    kinds = zip(LINKS.values(), backup.files, strict=False)
    return {f"{link}{ending}": file.name for link, file in kinds}


def backups(folder: Path) -> list[Backup]:
    """What is on the shelf, newest first."""
    notes = sorted(folder.glob(f"{_PREFIX}*.json"), reverse=True)
    return [backup for backup in map(_read, notes) if backup.path.exists()]


def latest(folder: Path) -> Backup:
    """The newest good one; Refused if there is none."""
    for backup in backups(folder):
        if backup.is_good:
            return backup
    raise Refused(f"there is no good backup in {folder}: make one with `rosterhub backup create`")


def at(path: Path) -> Backup:
    """The backup that a dump, a script or a link belongs to; Refused where there is none."""
    if not path.exists():
        raise Refused(f"{path} does not exist; `rosterhub backup list` says which backups there are")
    file = path.resolve()
    return _read(file.with_name(f"{file.name.partition('.')[0]}.json"))


def _read(notes: Path) -> Backup:
    try:
        return parse(notes.read_text(), notes.parent)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Refused(
            f"{notes.stem} in {notes.parent} cannot be used: its notes {notes.name} are missing or damaged. "
            "pg_restore and psql can still try its files"
        ) from error


def parse(text: str, folder: Path) -> Backup:
    """A backup from its notes. The shelf may have been moved: it is where the notes lie now.

    Raises ValueError, TypeError or KeyError if the text is something else.
    """
    plain = {name: value for name, value in json.loads(text).items() if name not in _READ_OFF}
    found = Backup(**plain)
    return replace(
        found,
        folder=folder,
        dump=StoredFile(**plain["dump"]),
        script=StoredFile(**plain["script"]) if plain["script"] else None,
        tables={name: TableFacts(**facts) for name, facts in plain["tables"].items()},
        faults=tuple(plain["faults"]),
    )


def sha256_of(path: Path) -> str:
    """The SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(path: Path, text: str) -> None:
    """Write a small file whole or not at all, for its owner alone."""
    unfinished = begin(Path(f"{path}{UNFINISHED}"))
    unfinished.write_text(text)
    _sync(unfinished)
    unfinished.replace(path)


def _sync(path: Path) -> None:
    """Bring a file or a folder to the disk: a name must not outlive a power cut without its content."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
