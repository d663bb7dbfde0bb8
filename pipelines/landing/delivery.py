"""What was delivered, whether in a zip or in a folder: a flat list of files, each with its place and its digest."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_LITTER_FOLDERS = frozenset({"__macosx"})
_LITTER_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
# What programs name a file while they are still writing it.
_UNFINISHED_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload")


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """One file: its name without folders, where it can be read, and the SHA-256 (hex) of its content."""

    name: str
    path: Path
    sha256: str


def digest_of(path: Path) -> str:
    """The SHA-256 (hex) of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(files: Iterable[DeliveredFile]) -> str:
    """One SHA-256 (hex) over names and contents: equal for the same files in a zip or in a folder, in any order."""
    digest = hashlib.sha256()
    for name, content in sorted((file.name, file.sha256) for file in files):
        digest.update(f"{len(name.encode())}:{name}{content}".encode())
    return digest.hexdigest()


def is_litter(parts: tuple[str, ...]) -> bool:
    """Whether a path in a delivery is what an operating system leaves behind unasked."""
    folders, name = parts[:-1], parts[-1].lower()
    return name in _LITTER_FILES | _LITTER_FOLDERS or any(folder.lower() in _LITTER_FOLDERS for folder in folders)


def is_unfinished(name: str) -> bool:
    """Whether a name says that the file is still being written, or is not meant to be seen."""
    return name.startswith(".") or name.lower().endswith(_UNFINISHED_SUFFIXES)
