"""The jobs `backup` and `restore_drill`: what they leave, that what does not restore is seen, and what is removed."""

import dataclasses
import uuid

import dagster as dg
import psycopg
import pytest
from pyrage import x25519

from pipelines.backups import backing_up, backup, backups, latest
from pipelines.orchestration import naming
from pipelines.settings import load
from tests.pipelines.backups.conftest import aged
from tests.pipelines.orchestration.conftest import Hub, checks, failed_checks, failure, metadata


def run(hub: Hub) -> dg.ExecuteInProcessResult:
    return execute(hub, naming.BACKUP_JOB)


def execute(hub: Hub, name: str) -> dg.ExecuteInProcessResult:
    job = hub.definitions.resolve_job_def(name)
    return job.execute_in_process(instance=hub.instance, raise_on_error=False)


def test_a_backup_is_made_and_checked(hub: Hub) -> None:
    result = run(hub)
    assert result.success
    made = latest(hub.home / "backups")
    assert metadata(result, "backups/nightly")["sha256"] == made.dump.sha256
    assert checks(result)["backups/nightly", "restores"].passed


def test_a_dump_that_does_not_restore_fails_check_and_run(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backing_up, "compare", lambda *_: ("pg_restore: no",))
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


def test_it_is_made_and_the_log_shortened_by_users_of_their_own(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, pipelines_url: str, backup_url: str
) -> None:
    log_old_row(hub)
    monkeypatch.setenv("ROSTERHUB_BACKUP_DATABASE_URL", backup_url)
    apart = dataclasses.replace(hub, database_url=pipelines_url)
    assert run(apart).success
    assert execute(apart, naming.DRILL_JOB).success
    assert rows_logged(hub) == 0


def test_what_is_denied_is_said_in_a_sentence(hub: Hub, backup_url: str) -> None:
    """The one who backs up may not shorten the log."""
    log_old_row(hub)
    denied = failure(run(dataclasses.replace(hub, database_url=backup_url)))
    assert "permission denied for table api_key_audit_logs" in denied.description
    assert "Database roles in docs/operator.md" in denied.description


def test_a_good_backup_makes_older_ones_go(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    for period, count in {"DAILY": "1", "WEEKLY": "0", "MONTHLY": "0"}.items():
        monkeypatch.setenv(f"ROSTERHUB_BACKUP_{period}", count)
    folder = hub.home / "backups"
    assert run(hub).success
    aged(latest(folder))
    assert len(backups(folder)) == 1
    assert run(hub).success
    assert backups(folder) == [latest(folder)]


def test_a_drill_restores_the_newest_and_tells_what_can_be_plotted(hub: Hub) -> None:
    assert run(hub).success
    result = execute(hub, naming.DRILL_JOB)
    assert result.success
    assert checks(result)["backups/drill", "restores"].passed
    drilled = latest(hub.home / "backups")
    told = metadata(result, "backups/drill")
    assert (told["seconds"], told["bytes"]) == (drilled.drill_seconds, drilled.size)
    assert told["dagster/row_count"] == drilled.rows
    assert {"table": "users", "rows": 0} in [record.data for record in told["tables"].records]


def test_a_drill_that_finds_a_changed_file_fails_check_and_run(hub: Hub) -> None:
    assert run(hub).success
    made = latest(hub.home / "backups")
    made.path.write_bytes(made.path.read_bytes()[:-1])
    result = execute(hub, naming.DRILL_JOB)
    assert failed_checks(result) == {("backups/drill", "restores")}
    assert "its SHA-256 is another" in failure(result).description


def test_a_drill_without_a_backup_says_what_to_do(hub: Hub) -> None:
    assert "make one with `rosterhub backup create`" in failure(execute(hub, naming.DRILL_JOB)).description


def test_a_drill_without_the_secret_key_warns_and_judges_nothing(hub: Hub) -> None:
    secret = x25519.Identity.generate()
    variables = {**hub.variables, "ROSTERHUB_BACKUP_RECIPIENTS": str(secret.to_public())}
    settings = load(variables, None)
    made = backup(settings, settings.backup_folder)
    result = execute(hub, naming.DRILL_JOB)
    assert result.success
    check = checks(result)["backups/drill", "restores"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "not verified: no identity" in check.description
    assert latest(settings.backup_folder) == made
