"""A publication that is cut off, by whatever, leaves what was served; the next one makes good for it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from deploy.local import processes
from pipelines.errors import DependencyAway
from pipelines.roster.migrations import upgrade
from tests.api.conftest import ROSTERING, Api
from tests.journeys import running, worker
from tests.journeys.line import SOURCE, Line, WebApi, differing, snapshot
from tests.pipelines.district import ROWS, District

STEP = "writing results"  # users, classes and enrollments are written by then
CHANGED = {"orgs/north", "schools/north", "users/pupil1", "students/pupil1", "enrollments/e3", "classes/class9"}


def changed() -> District:
    """A record changed here and there, one gone and one new, before and after the step."""
    district = District().change("orgs", "north", name="New").change("roles", "r2", beginDate="2025-09-01")
    return district.remove("enrollments", "e3").add("classes", **{**ROWS["classes"][0], "sourcedId": "class9"})


@contextmanager
def worker_at(line: Line, step: str, *prefix: str) -> Iterator[subprocess.Popen[str]]:
    """A process that syncs and has come to that step. `prefix` is a command that runs commands."""
    with subprocess.Popen(
        [*prefix, sys.executable, "-m", worker.__name__, SOURCE, step],
        env={**os.environ, **line.variables},
        cwd=running.REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().strip() == worker.THERE, process.stderr.read()
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_worker_that_ends_while_it_writes(line: Line, api: Api, how: signal.Signals) -> None:
    line.take(District())
    before = snapshot(api)
    line.land(changed())
    with worker_at(line, STEP) as process:
        assert snapshot(api) == before
        process.send_signal(how)
        assert process.wait(30) != 0
    assert snapshot(api) == before
    if how is signal.SIGINT:
        assert not rows_on_disk(line)
    again = line.sync()
    assert (again.outcome, again.generation) == ("published", 2)
    assert differing(before, snapshot(api)) == CHANGED
    assert not rows_on_disk(line)


def rows_on_disk(line: Line) -> list[Path]:
    """What syncs keep of people's data while they run: who is killed cannot clear up, but the next one does."""
    return list((line.home / "syncs").iterdir())


def test_postgresql_killed_while_it_publishes(tmp_path: Path) -> None:
    """Readers are told to come back, and find what was served before; the same bundle is then published."""
    server = running.own_postgres(tmp_path)
    service = running.own_service(server)
    line = Line(tmp_path, server.url())
    with running.running(service) as process:
        upgrade(server.url())
        line.take(District())
        api = running.gunicorn(tmp_path, {**line.variables, "ROSTERHUB_API_POOL_SECONDS": "1"})
        with running.running(api):
            _kill_and_restart(line, WebApi(api.where, line.key()), process, server_restarted=service)


def _kill_and_restart(line: Line, api: WebApi, process: psutil.Process, server_restarted: running.Service) -> None:
    before = snapshot(api)
    line.land(changed())
    with pytest.raises(DependencyAway, match="nothing was published"):
        line.sync(progress=lambda step: running.kill(process) if step == STEP else None)
    _assert_busy(api)
    with running.running(server_restarted):
        assert processes.wait_until(lambda: api.get(f"{ROSTERING}/orgs").status_code == 200, 30)
        assert snapshot(api) == before
        assert line.sync().outcome == "published"
        assert differing(before, snapshot(api)) == CHANGED


def _assert_busy(api: WebApi) -> None:
    answer = api.get(f"{ROSTERING}/orgs")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert (answer.json["imsx_codeMajor"], answer.json["imsx_severity"]) == ("failure", "error")
    assert answer.json["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == "server_busy"
    ready = api.get("/health/ready")
    assert (ready.status_code, api.get("/health/live").status_code) == (503, 200)
