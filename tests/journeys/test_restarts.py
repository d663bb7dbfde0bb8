"""Restarts of the API that nobody notices: reloading and ending under load, and starting before the database does."""

import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil
import psycopg

from deploy.local import processes
from pipelines.roster.migrations import upgrade
from tests.api.conftest import ROSTERING
from tests.journeys import running
from tests.journeys.line import Line, WebApi
from tests.pipelines.district import District

ORGS = f"{ROSTERING}/orgs"
CLIENTS = 4


class Load:
    """Clients that ask as fast as they are answered; `seen` is what happened to each request."""

    def __init__(self, api: WebApi) -> None:
        self.api = api
        self.seen: list[int | str] = []
        self._stop = threading.Event()
        self._clients = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]

    def __enter__(self) -> "Load":
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for client in self._clients:
            client.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                self.seen.append(self.api.get(ORGS).status_code)
            except (OSError, urllib.error.URLError) as error:
                self.seen.append(repr(error))

    def goes_on(self, requests: int = 50) -> None:
        """Wait until that many more were answered."""
        before = len(self.seen)
        assert processes.wait_until(lambda: len(self.seen) >= before + requests, 30)


def served(line: Line) -> str:
    """Something to read, and the key for it."""
    line.take(District())
    return line.key()


def test_a_reload_under_load_loses_no_request(line: Line) -> None:
    key = served(line)
    service = running.gunicorn(line.home, line.variables)
    with running.running(service) as master, Load(WebApi(service.where, key)) as load:
        for _ in range(3):
            load.goes_on()
            before = {worker.pid for worker in master.children()}
            master.send_signal(signal.SIGHUP)
            assert processes.wait_until(_are_others(master, before), 30)
        load.goes_on()
    assert set(load.seen) == {200}


def _are_others(master: psutil.Process, before: set[int]) -> Callable[[], bool]:
    def look() -> bool:
        now = {worker.pid for worker in master.children()}
        return len(now) == len(before) and not now & before

    return look


def test_what_was_asked_before_the_end_is_answered(line: Line) -> None:
    key = served(line)
    service = running.gunicorn(line.home, line.variables, workers=1)
    with running.running(service) as master, psycopg.connect(line.database_url) as holder:
        api = WebApi(service.where, key)
        assert api.get(ORGS).status_code == 200
        holder.execute("LOCK TABLE orgs")
        with ThreadPoolExecutor(CLIENTS) as clients:
            asked = [clients.submit(api.get, f"{ORGS}?limit={number}") for number in range(1, CLIENTS)]
            assert processes.wait_until(lambda: _waiting(line.database_url) == len(asked), 10)
            master.send_signal(signal.SIGTERM)
            time.sleep(1)
            assert all(not one.done() for one in asked)
            holder.rollback()
            assert [one.result().status_code for one in asked] == [200] * len(asked)
        assert processes.wait_until(lambda: processes.has_ended(master), 15)


def _waiting(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    return row[0] if row else 0


def test_the_api_may_be_up_before_the_database_is(line: Line) -> None:
    server = running.own_postgres(line.home)
    early = Line(line.home, server.url())
    service = running.gunicorn(early.home, {**early.variables, "ROSTERHUB_API_POOL_SECONDS": "0.2"})
    with running.running(service) as master:
        api = WebApi(service.where, "nobody.nothing")
        workers = {worker.pid for worker in master.children()}
        assert [api.get(path).status_code for path in ("/health/live", "/health/ready", ORGS)] == [200, 503, 503]
        with running.running(running.own_service(server)):
            assert api.get("/health/ready").status_code == 503  # not migrated yet
            upgrade(server.url())
            assert processes.wait_until(lambda: api.get("/health/ready").status_code == 200, 10)
            assert processes.wait_until(lambda: api.get(ORGS).status_code == 401, 10)  # so does the other worker
        assert {worker.pid for worker in master.children()} == workers


def test_settings_that_cannot_be_used_end_it_at_once_with_all_mistakes(line: Line) -> None:
    service = running.gunicorn(line.home, {"DATABASE_URL": "mysql://db/x", "ROSTERHUB_API_POOL_SIZE": "none"})
    ended = subprocess.run(
        service.command,
        env={**os.environ, **service.environment},
        cwd=service.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 2
    assert "DATABASE_URL" in ended.stderr
    assert "ROSTERHUB_API_POOL_SIZE" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_whichever_worker_is_asked_tells_all_metrics(line: Line) -> None:
    key = served(line)
    service = running.gunicorn(line.home, line.variables)
    with running.running(service):
        api = WebApi(service.where, key)
        for _ in range(20):
            assert api.get(ORGS).status_code == 200
        for _ in range(10):
            with urllib.request.urlopen(f"{service.where}/metrics", timeout=10) as answer:  # noqa: S310 - our own
                text = answer.read().decode()
            assert f'http_requests_total{{method="GET",route="{ORGS}",status="200"}} 20.0' in text
            assert 'rosterhub_generation{source="north"} 1.0' in text
            assert text.count("# TYPE rosterhub_generation ") == 1
