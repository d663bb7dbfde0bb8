"""What the processes of the stack are told: here, the secret that signs the API's tokens."""

from pathlib import Path

import pytest

from deploy.local.applications import TOKEN_KEY, Applications
from pipelines.settings import load


@pytest.fixture
def applications(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Applications:
    monkeypatch.delenv(TOKEN_KEY, raising=False)
    return Applications(load({"ROSTERHUB_HOME": str(tmp_path)}, dotenv=None), code_port=4000)


def test_the_signing_key_is_made_once_and_kept_private(applications: Applications, tmp_path: Path) -> None:
    key = applications.api().environment[TOKEN_KEY]
    assert len(key) >= 32
    assert applications.api().environment[TOKEN_KEY] == key
    assert (tmp_path / "token.key").stat().st_mode & 0o777 == 0o600


def test_the_api_alone_knows_it(applications: Applications) -> None:
    assert TOKEN_KEY not in applications.code_server().environment
    assert TOKEN_KEY not in applications.daemon().environment


def test_a_key_of_ones_own_is_used(applications: Applications, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_KEY, "of my own")
    assert applications.api().environment[TOKEN_KEY] == "of my own"
