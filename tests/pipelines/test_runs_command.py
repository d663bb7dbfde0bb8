"""`rosterhub runs` where Dagster is away or says no; what it does with a real one is in the story of the stack."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipelines import cli
from pipelines.dagster_api import BUNDLE_OP, SYNC_JOB, Run

Answer = Callable[[str, dict[str, Any]], dict[str, Any]]
ONE = {
    "runId": "0b1c2d3e-0000-4000-8000-000000000000",
    "jobName": "sync",
    "status": "FAILURE",
    "creationTime": 1_700_000_000.0,
    "startTime": 1_700_000_001.0,
    "endTime": 1_700_000_013.5,
    "tags": [{"key": "dagster/partition", "value": "north"}],
}


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["runs", *arguments])


@pytest.fixture
def dagster(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], AbstractContextManager[list[str]]]:
    """A web server that answers GraphQL as it is told; gives the queries that came."""

    @contextmanager
    def serve(answer: Answer) -> Iterator[list[str]]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.append(told["query"])
                body = json.dumps({"data": answer(told["query"], told["variables"])}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            monkeypatch.setenv("ROSTERHUB_UI_URL", f"http://127.0.0.1:{server.server_port}")
            yield asked
            server.shutdown()

    return serve


@pytest.mark.parametrize(
    "arguments", [("list",), ("launch", "north"), ("show", "0b1c"), ("retry", "0b1c"), ("clear-failed",)]
)
def test_without_dagster_the_code_is_3(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    monkeypatch.setenv("ROSTERHUB_UI_URL", "http://127.0.0.1:1")
    result = ask(*arguments)
    assert (result.exit_code, "does not answer" in result.output) == (3, True)


def test_a_name_that_is_none_is_a_usage_error() -> None:
    assert ask("launch", "North District").exit_code == 2


def test_runs_are_listed_with_source_and_state(dagster: Callable[[Answer], Any]) -> None:
    with dagster(lambda query, variables: {"runsOrError": {"results": [ONE]}}):
        (listed,) = json.loads(ask("list", "--json").output)
        text = ask("list").output
    assert listed == {
        "run": ONE["runId"],
        "job": "sync",
        "source": "north",
        "status": "failed",
        "created": "2023-11-14T22:13:20+00:00",
        "seconds": 12.5,
    }
    assert "0b1c2d3e" in text


def test_states_are_asked_for_in_dagsters_words(dagster: Callable[[Answer], Any]) -> None:
    wanted: list[Any] = []

    def answer(query: str, variables: dict[str, Any]) -> dict[str, Any]:
        wanted.append(variables["filter"])
        return {"runsOrError": {"results": []}}

    with dagster(answer):
        assert ask("list", "--status", "queued", "--source", "north").output == "no runs\n"
    tags = [{"key": "dagster/partition", "value": "north"}]
    assert wanted == [{"statuses": ["QUEUED", "NOT_STARTED"], "tags": tags}]


@pytest.mark.parametrize(("found", "told"), [([], "no runs have"), ([ONE, ONE], "2 runs have")])
def test_an_id_must_be_one_runs(dagster: Callable[[Answer], Any], found: list[Any], told: str) -> None:
    with dagster(lambda query, variables: {"runsOrError": {"results": found}}):
        result = ask("show", "0b1c")
    assert (result.exit_code, told in result.output) == (1, True)


def test_a_refusal_of_dagster_is_passed_on(dagster: Callable[[Answer], Any]) -> None:
    def answer(query: str, variables: dict[str, Any]) -> dict[str, Any]:
        if "terminateRun" in query:
            return {"terminateRun": {"__typename": "TerminateRunFailure", "message": "it is not ours"}}
        return {"runOrError": ONE | {"status": "STARTED"}}

    with dagster(answer):
        result = ask("cancel", ONE["runId"])
    assert (result.exit_code, "it is not ours" in result.output) == (1, True)


def test_a_run_that_goes_on_is_not_repeated(dagster: Callable[[Answer], Any]) -> None:
    with dagster(lambda query, variables: {"runOrError": ONE | {"status": "QUEUED"}}):
        result = ask("retry", ONE["runId"])
    assert (result.exit_code, "once it has ended" in result.output) == (1, True)


def test_the_names_are_those_of_the_definitions() -> None:
    from pipelines.orchestration import naming

    assert (naming.SYNC_JOB, naming.op_name(naming.BUNDLE)) == (SYNC_JOB, BUNDLE_OP)
    assert Run.of(ONE).seconds == 12.5
