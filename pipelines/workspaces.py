"""The folders that syncs keep their rows in while they run. Rows are people's data: none may outlast its sync.

What a killed sync left goes when the next one begins. Only the folders are known here, not what is in them.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from shutil import rmtree


@contextmanager
def opened(home: Path, name: str) -> Iterator[Path]:
    """A new folder in `home` whose name begins with `name`, removed at the end; nobody else may look into it."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = home / f"{name}-{uuid.uuid4().hex[:8]}"
    with ExitStack() as stack:
        with _locked(home):  # or another would take the folder for left behind before it is held
            _remove_left(home)
            folder.mkdir(mode=0o700)
            stack.enter_context(_locked(folder))
        stack.callback(rmtree, folder, ignore_errors=True)
        yield folder


def _remove_left(home: Path) -> None:
    """Remove the folders that no process holds any more."""
    for folder in home.iterdir():
        with suppress(BlockingIOError), _locked(folder, fcntl.LOCK_NB):
            rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, option: int = 0) -> Iterator[None]:
    """Hold a folder; the kernel lets go of it when the process ends, however it does."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | option)
        yield
    finally:
        os.close(descriptor)
