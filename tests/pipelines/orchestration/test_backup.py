"""The job `backup`: what it leaves, that a dump which does not restore is seen, and what is removed after it."""

import uuid

import dagster as dg
import psycopg
import pytest

from pipelines.backups import backing_up, latest
from pipelines.orchestration import naming
from tests.pipelines.orchestration.conftest import Hub, checks, failed_checks, failure, metadata


def run(hub: Hub) -> dg.ExecuteInProcessResult:
    job = hub.definitions.resolve_job_def(naming.BACKUP_JOB)
    return job.execute_in_process(instance=hub.instance, raise_on_error=False)


def test_a_backup_is_made_and_checked(hub: Hub) -> None:
    result = run(hub)
    assert result.success
    made = latest(hub.home / "backups")
    assert metadata(result, "backups/nightly")["sha256"] == made.sha256
    assert checks(result)["backups/nightly", "restores"].passed


def test_a_dump_that_does_not_restore_fails_check_and_run(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backing_up, "_restore", lambda *_: ("pg_restore: no",))
    log_old_row(hub)
    result = run(hub)
    assert rows_logged(hub) == 1
    assert failed_checks(result) == {("backups/nightly", "restores")}
    assert "is no good backup: pg_restore: no" in failure(result).description


def test_without_programs_the_run_fails_with_the_remedy(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.backups.programs._folders", lambda _: iter(()))
    assert "Install postgresql-client-" in failure(run(hub)).description


def log_old_row(hub: Hub) -> None:
    """A row of the audit log that need not be kept."""
    with psycopg.connect(hub.database_url) as connection:
        connection.execute(
            "INSERT INTO api_key_audit_logs (id, created_at, method, path, status, request_id, duration_ms)"
            " VALUES (%s, now() - interval '401 days', 'GET', '/', 200, 'r', 1)",
            [uuid.uuid4()],
        )


def rows_logged(hub: Hub) -> int:
    with psycopg.connect(hub.database_url) as connection:
        (count,) = connection.execute("SELECT count(*) FROM api_key_audit_logs").fetchone() or (0,)
    return int(count)


def test_what_the_audit_log_no_longer_keeps_goes_after_a_good_backup(hub: Hub) -> None:
    log_old_row(hub)
    assert run(hub).success
    assert rows_logged(hub) == 0
