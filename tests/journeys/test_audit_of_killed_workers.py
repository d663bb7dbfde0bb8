"""The audit log when its writers are killed and its database is away: real workers, a real PostgreSQL."""

import time
from pathlib import Path

import psutil
import psycopg

from deploy.local import processes
from pipelines.roster.migrations import upgrade
from tests.api.conftest import ROSTERING
from tests.journeys import running
from tests.journeys.line import Line, WebApi

ASKED = 200
WRITTEN_WITHIN = 1.0  # seconds: what is promised of a worker that is killed


def logged(url: str) -> set[str]:
    """The request ids in the log, each of them there once."""
    with psycopg.connect(url) as connection:
        ids = [row[0] for row in connection.execute("SELECT request_id FROM api_key_audit_logs")]
    assert len(ids) == len(set(ids))
    return set(ids)


def ask(api: WebApi, prefix: str) -> set[str]:
    """Requests of which each has an id that the log will have; whether they are answered is not the matter."""
    ids = {f"{prefix}-{number}" for number in range(ASKED)}
    for id in ids:
        api.get(f"{ROSTERING}/orgs", X_Request_Id=id)
    return ids


def test_killed_workers_lose_nothing_that_is_older_than_a_second(line: Line) -> None:
    service = running.gunicorn(line.home, line.variables)
    with running.running(service) as master:
        asked = ask(WebApi(service.where, line.key()), "a")
        time.sleep(WRITTEN_WITHIN)
        for worker in master.children():
            running.kill(worker)
        assert processes.wait_until(lambda: len(master.children()) == 2, 10)
        ask(WebApi(service.where, line.key()), "b")  # whichever worker answers takes up what the dead left
        assert processes.wait_until(lambda: asked <= logged(line.database_url), 20)


def test_rows_wait_for_a_database_that_is_away(tmp_path: Path) -> None:
    server = running.own_postgres(tmp_path)
    service = running.own_service(server)
    line = Line(tmp_path, server.url())
    with running.running(service) as process:
        upgrade(server.url())
        api = running.gunicorn(tmp_path, {**line.variables, "ROSTERHUB_API_POOL_SECONDS": "0.05"}, workers=1)
        with running.running(api) as master:
            web = WebApi(api.where, line.key())
            asked = ask(web, "before")
            running.kill(process)
            asked |= ask(web, "during")
            time.sleep(WRITTEN_WITHIN)
            _kill_workers(master)
            with running.running(service):
                asked |= ask(web, "after")
                assert processes.wait_until(lambda: asked <= logged(server.url()), 30)
    assert list((tmp_path / "audit").iterdir()) == []


def _kill_workers(master: psutil.Process) -> None:
    for worker in master.children():
        running.kill(worker)
    assert processes.wait_until(lambda: len(master.children()) == 1, 10)
