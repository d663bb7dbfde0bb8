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


@pytest.mark.parametrize(
    ("name", "user", "whose", "database"),
    [
        ("owner-url", "rosterhub", "owner", "/rosterhub"),
        ("database-url", "rosterhub_sync", "sync", "/rosterhub"),
        ("api-database-url", "rosterhub_reader", "reader", "/rosterhub"),
        ("backup-database-url", "rosterhub_dump", "dump", "/rosterhub"),
        ("dagster-url", "rosterhub_sync", "sync", "/rosterhub_dagster"),
    ],
)
def test_urls_have_their_users_password(made: Path, name: str, user: str, whose: str, database: str) -> None:
    password = (made / f"{whose}-password").read_text().strip()
    assert len(password) == 48
    url = urlsplit((made / name).read_text().strip())
    assert (url.username, url.password, url.hostname, url.path) == (user, password, "postgres", database)


def test_no_password_is_given_twice(made: Path) -> None:
    passwords = [path.read_text() for path in made.glob("*-password")]
    assert len(set(passwords)) == len(passwords) == 8


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
