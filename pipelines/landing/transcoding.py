"""CSV files in the encoding that a source's settings name, rewritten as UTF-8 in the workspace.

A file that already is UTF-8, or that the named encoding cannot read, is left as it is: staging says what is wrong.
"""

import codecs
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pipelines.landing.delivery import DeliveredFile

CHUNK_CHARACTERS = 1 << 20


def transcoded(files: Iterable[DeliveredFile], encoding: str, workspace: Path) -> tuple[DeliveredFile, ...]:
    """The files, those in the encoding replaced by UTF-8 copies. Digests stay those of what was delivered."""
    if codecs.lookup(encoding).name == "utf-8":
        return tuple(files)
    folder = workspace / "utf8"
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_transcoded(file, encoding, folder / file.name) for file in files)


def _transcoded(file: DeliveredFile, encoding: str, target: Path) -> DeliveredFile:
    if _reads(file.path, "utf-8") or not _reads(file.path, encoding):
        return file
    with file.path.open(encoding=encoding, newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        while text := source.read(CHUNK_CHARACTERS):
            out.write(text)
    return replace(file, path=target)


def _reads(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            while file.read(CHUNK_CHARACTERS):
                pass
    except UnicodeDecodeError:
        return False
    return True
