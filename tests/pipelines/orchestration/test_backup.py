"""The job `backup`: what it leaves, and that a dump which does not restore is seen."""

import dagster as dg
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
    result = run(hub)
    assert failed_checks(result) == {("backups/nightly", "restores")}
    assert "is no good backup: pg_restore: no" in failure(result).description


def test_without_programs_the_run_fails_with_the_remedy(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.backups.programs._folders", lambda _: iter(()))
    assert "Install postgresql-client-" in failure(run(hub)).description
