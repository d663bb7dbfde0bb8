"""Files that only their owner may read: made once, kept between runs. What they protect is not known here."""

import os
import secrets
from pathlib import Path


def password(path: Path) -> str:
    """The password kept in the file, made up on first use."""
    if not path.exists():
        write(path, secrets.token_urlsafe(24))
    return path.read_text().strip()


def write(path: Path, text: str) -> None:
    """Write a private file so that a reader sees the old text or the new, never a part, never with open permissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    unfinished.replace(path)
