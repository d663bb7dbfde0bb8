"""What the pipelines' container starts with: secrets by file become variables, and the command takes the process."""

import os
import subprocess
import sys
from pathlib import Path


def start(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    started = [sys.executable, "-m", "deploy.entrypoint", *command]
    return subprocess.run(started, env={**os.environ, **variables}, capture_output=True, text=True, check=False)


def test_the_command_finds_what_was_given_by_file(tmp_path: Path) -> None:
    secret = tmp_path / "dagster-url"
    secret.write_text("postgresql://rosterhub:hush@postgres/rosterhub_dagster\n")
    done = start("sh", "-c", 'echo "$DAGSTER_PG_URL"', DAGSTER_PG_URL_FILE=str(secret))
    assert done.stdout == secret.read_text()


def test_the_exit_code_is_the_commands() -> None:
    assert start("sh", "-c", "exit 7").returncode == 7


def test_a_secret_that_is_away_is_named() -> None:
    done = start("true", DATABASE_URL_FILE="/no/such/secret")
    assert (done.returncode, done.stdout) == (2, "")
    assert "DATABASE_URL_FILE: /no/such/secret cannot be read: No such file" in done.stderr


def test_a_command_that_is_none_is_told() -> None:
    done = start("no-such-command")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: no such command")
