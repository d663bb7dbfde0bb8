"""The script that makes a machine's secrets: what it makes, for whom, and that it destroys nothing."""

import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.validation.compose import SECRETS_SCRIPT


def make(folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(SECRETS_SCRIPT), "hub.example", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    assert make(folder).returncode == 0
    return folder


def test_urls_have_the_servers_password(made: Path) -> None:
    password = (made / "postgres-password").read_text().strip()
    assert len(password) == 48
    for name, database in (("database-url", "/rosterhub"), ("dagster-url", "/rosterhub_dagster")):
        url = urlsplit((made / name).read_text().strip())
        assert (url.password, url.hostname, url.path) == (password, "postgres", database)


def test_the_folder_is_for_its_owner_and_containers_may_read_the_files(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()} == {0o444}


def test_a_second_run_changes_nothing(made: Path) -> None:
    before = {path.name: path.read_bytes() for path in made.iterdir()}
    (made / "dagster-url").unlink()
    assert make(made).returncode == 0
    assert {path.name: path.read_bytes() for path in made.iterdir()} == before


def test_without_a_host_it_says_how_it_is_used() -> None:
    usage = subprocess.run(["sh", str(SECRETS_SCRIPT)], capture_output=True, text=True, check=False)
    assert (usage.returncode, usage.stderr) == (2, "usage: sh deploy/secrets.sh HOST [FOLDER]\n")
