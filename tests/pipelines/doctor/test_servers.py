"""Redis and Dagster: what each kind of trouble is called."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import redis

from pipelines.dagster_api import DagsterApi
from pipelines.doctor import servers
from pipelines.doctor.diagnosis import State
from pipelines.settings import load


def test_redis_as_the_stack_starts_it(redis_url: str) -> None:
    assert servers.redis_server(load({"REDIS_URL": redis_url}, None)).state is State.OK


def test_redis_that_is_away() -> None:
    found = servers.redis_server(load({"REDIS_URL": "redis://127.0.0.1:1/0"}, None))
    assert (found.state, "REDIS_URL" in found.remedy) == (State.FAIL, True)


def test_no_redis_is_a_choice() -> None:
    assert servers.redis_server(load({}, None, announced=False)).state is State.OK


@pytest.mark.parametrize(
    ("policy", "limit", "state"),
    [("allkeys-lru", 1 << 28, State.OK), ("noeviction", 1 << 28, State.WARN), ("allkeys-lru", 0, State.WARN)],
)
def test_what_redis_does_when_it_is_full(policy: str, limit: int, state: State) -> None:
    found = servers._policy({"maxmemory-policy": policy, "maxmemory": str(limit)})
    assert (found.state, bool(found.remedy)) == (state, state is not State.OK)


def test_dagster_that_is_away() -> None:
    found = servers.dagster(load({"ROSTERHUB_UI_URL": "http://127.0.0.1:1"}, None))
    assert (found.state, "ROSTERHUB_UI_URL" in found.remedy) == (State.FAIL, True)


@pytest.fixture
def something_else() -> Iterator[str]:
    """A web server that is no Dagster."""

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_server_that_is_no_dagster(something_else: str) -> None:
    assert servers.dagster(load({"ROSTERHUB_UI_URL": something_else}, None)).state is State.FAIL


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"has_loaded": False}, "definitions are not loaded"),
        ({"daemons_are_healthy": False}, "daemon is not healthy"),
        ({}, "daemon is healthy"),
    ],
)
def test_a_dagster_that_is_only_half_there(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, bool], told: str
) -> None:
    for name in ("answers", "has_loaded", "daemons_are_healthy"):
        monkeypatch.setattr(DagsterApi, name, lambda self, name=name: answers.get(name, True))
    found = servers.dagster(load({}, None))
    assert (found.state is State.FAIL, told in found.found) == (bool(answers), True)


def test_a_redis_that_keeps_its_settings_to_itself(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: redis.Redis, pattern: str) -> None:
        raise redis.exceptions.ResponseError("unknown command 'CONFIG'")

    monkeypatch.setattr(redis.Redis, "config_get", refuse)
    assert servers.redis_server(load({"REDIS_URL": redis_url}, None)).state is State.WARN
