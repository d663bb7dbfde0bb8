"""The Node anchor does the same work as the API, but for what is rare: its records are those that the API shows."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.local import ports, processes
from deploy.local.services import listens
from pipelines import credentials, settings, syncing
from pipelines.errors import DependencyAway
from tests.api.conftest import serving, settings_for
from tests.benchmarks import anchoring, bundles, questions
from tests.benchmarks.questions import ENROLLMENTS, USERS, Known
from tests.benchmarks.syncs import SOURCE

LEFT_OUT = {"href", "userProfiles", "userProfile", "resources"}  # hrefs start elsewhere; few users have the others


@pytest.fixture
def loaded(migrated_url: str, tmp_path: Path) -> str:
    """A database with a small district."""
    bundles.write_bulk(tmp_path / "bulk", 60)
    given = {"ROSTERHUB_HOME": str(tmp_path / "home"), "DATABASE_URL": migrated_url}
    syncing.sync(settings.load(given, dotenv=None), SOURCE, tmp_path / "bulk")
    return migrated_url


@pytest.fixture
def anchor(loaded: str, tmp_path: Path) -> Iterator[str]:
    """The anchor's URL; skipped where it cannot be installed."""
    folder, port = tmp_path / "anchor", ports.unused()
    try:
        anchoring.install(folder)
    except DependencyAway as why:
        pytest.skip(str(why))
    with subprocess.Popen(
        ["node", "server.mjs"], cwd=folder, env=os.environ | anchoring.environment(loaded, port)
    ) as server:
        assert processes.wait_until(lambda: listens(port), 10)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


def test_the_anchor_shows_what_the_api_shows(loaded: str, anchor: str) -> None:
    known = Known.read(loaded)
    with credentials.opened(loaded) as connection:
        key = credentials.create(connection, "anchor").header
    with serving(settings_for(loaded), key) as api:
        for path in (
            questions.page(USERS, limit=500),
            questions.page(USERS, limit=7, after=known.users[0]),
            questions.page(USERS, limit=7, offset=9),
            questions.page(ENROLLMENTS, limit=2000),
            f"{USERS}/{known.users[0]}",
        ):
            (ours,), (theirs,) = api.json(path).values(), json.loads(_read(anchor + path)).values()
            assert comparable(theirs) == comparable(ours)
            assert ours


def comparable(value: Any) -> Any:
    """JSON without what is null or left out, how moments are written and in which order lists are."""
    if isinstance(value, list):
        return sorted(map(comparable, value), key=repr)
    if not isinstance(value, dict):
        return value
    shown = {name: comparable(item) for name, item in value.items() if item is not None and name not in LEFT_OUT}
    if "dateLastModified" in shown:
        shown["dateLastModified"] = datetime.fromisoformat(shown["dateLastModified"])
    return shown


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own server
        content: bytes = answer.read()
    return content
