"""This version and the one before the newest migration, taken from the repository's history, for tests of upgrades.

Their code runs in processes of its own, all on the packages that are installed for this version.
"""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.roster import migrations
from tests.journeys.running import REPOSITORY


@dataclass(frozen=True)
class Version:
    """The code of a version, in a folder, and the newest of its migrations."""

    folder: Path
    newest_migration: str

    def variables(self, given: Mapping[str, str]) -> dict[str, str]:
        """The environment that makes Python import this code, wherever the newer one is installed."""
        return {**given, "PYTHONPATH": str(self.folder)}

    def types(self, given: Mapping[str, str], *arguments: str) -> str:
        """What this version's `rosterhub` says, which has to end well."""
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *arguments],
            env={**os.environ, **self.variables(given)},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def this() -> Version:
    """The version that is tested."""
    return Version(REPOSITORY, migrations.newest())


def before_the_newest_migration(folder: Path) -> Version:
    """The last commit without it. The test is skipped where there is no history."""
    newest = migrations.newest()
    (script,) = Path(migrations.FOLDER, "versions").glob(f"{newest}_*.py")
    added = _git("log", "-1", "--diff-filter=A", "--format=%H", "--", str(script)).decode().strip()
    archive = _git("archive", "--format=tar", f"{added}^" if added else "HEAD")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder)  # noqa: S202 - of our own history; some releases of Python 3.11 know no filters
    return Version(folder, max(path.stem[:4] for path in _scripts(folder)))


def _scripts(folder: Path) -> list[Path]:
    return list((folder / "pipelines" / "roster" / "migrations" / "versions").glob("[0-9]*.py"))


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"the history of the repository is not here: {done.stderr.decode().strip()}")
    return done.stdout
