"""The whole stack, as an operator meets it: up, looked at, its supervisor killed, cleared away."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.record import Record
from tests.operating import Operator


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    operator = Operator(tmp_path / "home")
    yield operator
    operator.types("down")


def _left(home: Path) -> list[int]:
    return [p.pid for p in psutil.process_iter() if str(home) in " ".join(_words(p))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_up_status_kill_down(operator: Operator) -> None:
    up = operator.types("up", "--detach")
    assert up.returncode == 0, up.stderr
    facts = json.loads(operator.types("status", "--json").stdout)
    assert facts["state"] == "ready"
    assert all(service["running"] for service in facts["services"])
    assert facts["generations"] == {}
    for url in (f"{facts['urls']['api']}/health/live", f"{facts['urls']['ui']}/server_info"):
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own
            assert answer.status == 200

    _runs(operator)
    again = operator.types("up")
    assert again.returncode == 1
    assert "already running" in again.stderr

    os.kill(facts["supervisor"], signal.SIGKILL)
    down = operator.types("down")
    assert down.returncode == 0
    assert "ending what an earlier run left" in down.stderr
    assert operator.types("status").returncode == 1
    assert Record(operator.home).read() == {}
    assert _left(operator.home) == []


def _runs(operator: Operator) -> None:
    """What an operator does with the queue: launched and watched, looked up, failed, repeated, forgotten."""
    landing = operator.home / "landing"
    assert operator.types("sample", "--students", "5", str(landing.parent / "bundle")).returncode == 0
    bundle = ("--bundle", str(landing.parent / "bundle"))
    done = operator.types("runs", "launch", "north", *bundle, "--wait", "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    run = json.loads(done.stdout)
    assert (run["job"], run["source"], run["status"]) == ("sync", "north", "succeeded")
    assert operator.types("runs", "show", run["run"][:8]).stdout.startswith(f"run      {run['run']}")
    assert operator.types("runs", "cancel", run["run"]).returncode == 1

    failed = operator.types("runs", "launch", "south", "--wait")
    assert (failed.returncode, "nothing new lies in" in failed.stdout) == (1, True)
    (listed,) = json.loads(operator.types("runs", "list", "--status", "failed", "--json").stdout)
    assert listed["source"] == "south"
    again = operator.types("runs", "retry", listed["run"], "--wait", "--json")
    assert (again.returncode, json.loads(again.stdout)["status"]) == (1, "failed")
    assert operator.types("runs", "clear-failed").stdout == "2 failed runs forgotten\n"
    assert operator.types("runs", "list", "--status", "failed").stdout == "no runs\n"
    examined = operator.types("doctor")
    assert examined.returncode == 0, examined.stdout
