"""Starting the stack in the background, and stopping the one that runs, wherever it was started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

from deploy.local.processes import wait_until
from deploy.local.progress import Progress
from deploy.local.record import Record
from deploy.local.supervisor import end_leftovers
from pipelines.errors import DependencyAway, Refused

_STOP_SECONDS = 120


def start(home: Path, progress: Progress) -> None:
    """Run `rosterhub up` in a session of its own, relay what it says, and return when everything is ready."""
    record = Record(home)
    with record.lock():
        pass  # says so when a stack is up already
    log = home / "logs" / "stack.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "pipelines.cli", "up"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with log.open() as told:
        _relay(record, supervisor, told, progress)


def _relay(record: Record, supervisor: subprocess.Popen[bytes], told: TextIO, progress: Progress) -> None:
    while not _is_ready(record, supervisor.pid):
        ended = supervisor.poll() is not None
        for line in told:
            progress.say(line.rstrip("\n"))
        if ended:
            raise DependencyAway(f"the stack did not start; what it said is in {told.name}")
        time.sleep(0.1)
    for line in told:
        progress.say(line.rstrip("\n"))


def _is_ready(record: Record, pid: int) -> bool:
    facts = record.read()
    return facts.get("supervisor") == pid and facts.get("state") == "ready"


def stop(home: Path, progress: Progress) -> bool:
    """End the stack of a home, or what a killed supervisor left of it. False if nothing ran."""
    record = Record(home)
    supervisor = record.supervisor()
    if supervisor is None:
        return _stop_leftovers(record, progress)
    try:
        os.kill(supervisor, signal.SIGTERM)
    except PermissionError:
        raise Refused(
            f"the stack in {home} (process {supervisor}) was started by another user: stop it as that user"
        ) from None
    with progress.step("everything stops"):
        if not wait_until(lambda: record.supervisor() is None, _STOP_SECONDS):
            raise Refused(f"process {supervisor} goes on after {_STOP_SECONDS} s: kill -9 it, then `rosterhub down`")
    return True


def _stop_leftovers(record: Record, progress: Progress) -> bool:
    if not record.read():
        return False
    with record.lock():
        end_leftovers(record, progress)
    return True
