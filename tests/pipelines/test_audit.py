"""The audit log as an operator reads and shortens it: as functions and as commands."""

import csv
import io
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from pipelines import audit
from pipelines.audit import Wanted
from pipelines.cli import main

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture
def connection(migrated_url: str) -> psycopg.Connection:
    return psycopg.connect(migrated_url, autocommit=True)


def log(connection: psycopg.Connection, path: str, moment: datetime = NOON, **columns: Any) -> None:
    """A row, as the API would have written it."""
    row = {"key": "reader", "user_agent": None, **columns}
    connection.execute(
        "INSERT INTO api_key_audit_logs (id, created_at, key, method, path, status, user_agent, request_id,"
        " duration_ms, address) VALUES (%s, %s, %s, 'GET', %s, 200, %s, 'r', 1.5, '192.0.2.1')",
        [uuid.uuid4(), moment, row["key"], path, row["user_agent"]],
    )


@pytest.fixture
def three(connection: psycopg.Connection) -> None:
    """A row a day."""
    for day in (2, 0, 1):
        log(connection, f"/{day}", NOON + timedelta(days=day), key="other" if day == 1 else "reader")


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        (Wanted(), ["/0", "/1", "/2"]),
        (Wanted(since=NOON + timedelta(days=1)), ["/1", "/2"]),
        (Wanted(until=NOON + timedelta(days=1)), ["/0"]),
        (Wanted(key="reader"), ["/0", "/2"]),
        (Wanted(since=NOON + timedelta(days=1), key="reader"), ["/2"]),
        (Wanted(key="nobody"), []),
    ],
)
def test_rows_come_in_order_of_time(migrated_url: str, wanted: Wanted, paths: list[str]) -> None:
    with audit.opened(migrated_url) as connection:
        assert [row["path"] for row in audit.exported(connection, wanted)] == paths


def test_old_rows_are_removed(connection: psycopg.Connection) -> None:
    now = datetime.now(UTC)
    log(connection, "/old", now - timedelta(days=400, minutes=1))
    log(connection, "/kept", now - timedelta(days=399))
    assert audit.prune(connection, 400) == 1
    assert audit.prune(connection, 400) == 0
    assert connection.execute("SELECT path FROM api_key_audit_logs").fetchall() == [("/kept",)]


def invoke(monkeypatch: pytest.MonkeyPatch, url: str, *words: str) -> Result:
    monkeypatch.setenv("DATABASE_URL", url)
    return CliRunner().invoke(main, ["audit", *words])


@pytest.mark.usefixtures("three")
def test_the_log_is_exported_as_csv(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke(monkeypatch, migrated_url, "export", "--since", "2026-08-02", "--until", "2026-08-03")
    assert result.exit_code == 0, result.output
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert (row["path"], row["key"], row["address"]) == ("/1", "other", "192.0.2.1")
    assert row["created_at"].startswith("2026-08-02T12:00:00")


@pytest.mark.usefixtures("three")
def test_the_log_is_exported_as_json(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = invoke(monkeypatch, migrated_url, "export", "--format", "json", "--key", "reader").stdout.splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["/0", "/2"]


def test_a_spreadsheet_does_not_run_what_a_client_calls_itself(
    connection: psycopg.Connection, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(connection, "/", user_agent="=cmd|'/c calc'!A1")
    assert ",'=cmd|" in invoke(monkeypatch, migrated_url, "export").stdout


def test_pruning_says_what_it_did(
    connection: psycopg.Connection, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(connection, "/old", datetime.now(UTC) - timedelta(days=100))
    assert "0 rows older than 400 days" in invoke(monkeypatch, migrated_url, "prune").stdout
    assert "1 rows older than 90 days" in invoke(monkeypatch, migrated_url, "prune", "--days", "90").stdout


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["export", "--since", "soon"], 2, "soon is no date"),
        (["export", "--format", "xml"], 2, "xml"),
        (["prune", "--days", "0"], 2, "--days"),
    ],
)
def test_mistakes_end_with_a_message_and_a_code(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, told: str
) -> None:
    result = invoke(monkeypatch, migrated_url, *words)
    assert (result.exit_code, told in result.output) == (code, True)


def test_a_database_without_a_log_is_told_apart(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke(monkeypatch, database_url, "export")
    assert (result.exit_code, "rosterhub migrate" in result.output) == (1, True)
