"""The command: it lists without loading, loads only what is run, and ends with a message and a code."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from pipelines import cli
from pipelines.errors import DependencyAway, Refused, RosterHubError, SettingsError


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_listing_loads_no_command() -> None:
    loaded = _python(
        "import sys; from pipelines.cli import main; main(['--help'], standalone_mode=False);"
        "print([m for m in sys.modules if m.startswith(('pipelines.commands', 'dagster', 'polars', 'psycopg'))])"
    )
    assert loaded.endswith("[]\n")
    assert all(name in loaded for name in cli.COMMANDS)


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(cli.main, ["nonsense"]).exit_code == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [(Refused("held"), 1), (SettingsError("bad port"), 2), (DependencyAway("no database"), 3)],
)
def test_an_error_is_a_line_and_a_code(monkeypatch: pytest.MonkeyPatch, error: RosterHubError, code: int) -> None:
    result = _run_raising(monkeypatch, error)
    assert result.exit_code == code
    assert result.output == f"Error: {error}\n"


def test_a_bug_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    result = _run_raising(monkeypatch, ZeroDivisionError("division by zero"))
    assert result.exit_code == 1
    assert "unexpected ZeroDivisionError" in result.output
    assert "Traceback" not in result.output


def test_a_missing_file_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    result = _run_raising(monkeypatch, PermissionError(13, "Permission denied", "/srv/bundle.zip"))
    assert result.output == "Error: /srv/bundle.zip: Permission denied\n"


def test_a_server_that_is_away_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    result = _run_raising(monkeypatch, psycopg.OperationalError("connection refused\nmore"))
    assert result.exit_code == 3
    assert result.output == "Error: PostgreSQL is away: connection refused\n"


def _run_raising(monkeypatch: pytest.MonkeyPatch, error: Exception) -> "click.testing.Result":
    @click.command()
    def broken() -> None:
        raise error

    monkeypatch.setattr(sys.modules[__name__], "broken", broken, raising=False)
    monkeypatch.setitem(cli.COMMANDS, "broken", cli.Row(f"{__name__}:broken", ""))
    return CliRunner().invoke(cli.main, ["broken"])
