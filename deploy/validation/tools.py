"""The programs that validate: where they are, and what they say. deploy/validators.lock installs them beside Python.

What they are asked for is the other modules' matter.
"""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


class MissingToolError(Exception):
    """A validator is not installed; the message says how it is."""


def program(name: str) -> str:
    """The path of a program of the environment, else of the machine. MissingToolError if it is nowhere."""
    found = _found(name)
    if found is None:
        raise MissingToolError(f"{name} is not here: `make check-deploy` installs it")
    return found


def is_here(name: str) -> bool:
    """Whether there is such a program, for those that not every machine can have."""
    return _found(name) is not None


def _found(name: str) -> str | None:
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def run(
    name: str, *arguments: str | Path, text: str | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, with `text` as its input; the caller judges its exit code."""
    command = [program(name), *map(str, arguments)]
    return subprocess.run(
        command,
        input=text,
        env=None if environment is None else dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """What a program that failed has said, on one of its two outputs."""
    return (done.stderr.strip() or done.stdout.strip()) or f"exit code {done.returncode}"
