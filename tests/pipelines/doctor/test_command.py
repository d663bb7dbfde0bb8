"""`rosterhub doctor`: a table, JSON, an exit code; and nothing that is away stops it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines import cli


def ask(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.main, ["doctor", *arguments])
    return result.exit_code, result.output


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTERHUB_HOME", str(tmp_path))
    monkeypatch.setenv("ROSTERHUB_UI_URL", "http://127.0.0.1:1")


def test_every_check_is_told_as_json(migrated_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    code, output = ask("--json")
    states = {one["check"]: one["state"] for one in json.loads(output)}
    assert (code, [check for check, state in states.items() if state == "fail"]) == (1, ["dagster"])
    assert {"settings", "database", "migrations", "grants", "clock", "redis", "home", "disk"} <= states.keys()


def test_settings_that_are_wrong_are_listed_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTERHUB_API_PORT", "abc")
    monkeypatch.setenv("ROSTERHUB_MAX_RATIO", "none")
    code, output = ask()
    assert code == 1
    assert "ROSTERHUB_API_PORT" in output
    assert "ROSTERHUB_MAX_RATIO" in output


def test_the_apis_own_settings_are_looked_at_too(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    monkeypatch.setenv("ROSTERHUB_API_POOL_SIZE", "many")
    code, output = ask()
    assert code == 1
    assert "fail  api settings" in output
    assert "ROSTERHUB_API_POOL_SIZE" in output


@pytest.mark.parametrize("url", ["", "postgresql://nobody@127.0.0.1:1/nothing"])
def test_without_a_database_the_rest_is_looked_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    code, output = ask()
    assert code == 1
    assert "fail  database" in output
    assert "redis" in output
    assert "DATABASE_URL" in output
