"""The folder where rows of the audit log wait: files of whole lines, each worker's own until it is closed.

An open file is locked by the worker that writes it. One that is closed, or whose worker died, belongs to whoever locks
it next. The folder has a limit, beyond which the oldest files go. What becomes of the rows is not known here.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import BinaryIO

_LARGEST_FILE = 2**20
_SUFFIX = ".jsonl"


class Spool:
    """One worker's view of the folder, which is made when the first rows come. Safe between threads."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._open: BinaryIO | None = None
        self._lock = Lock()

    def append(self, rows: Sequence[bytes]) -> int:
        """Write rows down; how many older ones had to go for them. OSError if the folder cannot be written."""
        with self._lock:
            if self._open is None:
                self._open = self._new_file()
            self._open.write(b"".join(row + b"\n" for row in rows))
            self._open.flush()
            if self._open.tell() < _LARGEST_FILE:
                return 0
            self._end_file()
            return self._make_room()

    def close_file(self) -> None:
        """Let go of the file that is written, so that it can be taken."""
        with self._lock:
            self._end_file()

    def hand_over(self, take: Callable[[list[bytes]], None]) -> None:
        """Give the rows of one file after the other away, the oldest first; a file stays there if `take` raises."""
        for path in self._files():
            with _opened(path) as file:
                if file is not None:
                    take(file.read().split(b"\n")[:-1])  # a killed worker may have left a torn last line
                    path.unlink(missing_ok=True)

    @property
    def is_empty(self) -> bool:
        """Whether no rows wait, of whichever worker."""
        return not self._files()

    def _new_file(self) -> BinaryIO:
        """A file that nobody else has seen before it was locked: it gets its name after that."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{time.time_ns()}-{os.getpid()}{_SUFFIX}"
        hidden = path.with_suffix(".new")
        file = os.fdopen(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        hidden.rename(path)
        return file

    def _end_file(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _make_room(self) -> int:
        """Drop the oldest files until the folder is within its limit; how many rows they had."""
        files = self._files()
        excess = sum(_size(path) for path in files) - self._limit
        dropped = 0
        while excess > 0 and files:
            with _opened(files.pop(0)) as file:
                if file is not None:
                    content = file.read()
                    excess -= len(content)
                    dropped += content.count(b"\n")
                    Path(file.name).unlink(missing_ok=True)
        return dropped

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{_SUFFIX}"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # another worker took it
        return 0


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO | None]:
    """The file, while nobody else has it; None if somebody has, or if it is gone."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    with file:
        yield file if _is_ours(file) and path.exists() else None


def _is_ours(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
