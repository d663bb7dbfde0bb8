"""Processes known by id and start time, and how to end them. A process id alone may by now be somebody else's.

Nothing is started here, and nothing is known of what a process does.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

_CLOCK_SLACK = 1.0  # seconds: start times are computed from the boot time, which moves a little with the clock


@dataclass(frozen=True)
class Identity:
    """Which process; and, since every service leads a process group of its own, which group."""

    pid: int
    started: float  # seconds since the epoch

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """The process that has this id now."""
        return cls(pid, psutil.Process(pid).create_time())

    def find(self) -> psutil.Process | None:
        """The process if it still runs."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < _CLOCK_SLACK
            return process if same and not has_ended(process) else None
        except psutil.NoSuchProcess:
            return None


def has_ended(process: psutil.Process) -> bool:
    """Gone, or a zombie: in a container without an init nobody collects orphans."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def end(process: psutil.Process, stop_signal: signal.Signals, seconds: float) -> bool:
    """Ask it to stop, and kill it if it has not after `seconds`. Returns whether it stopped by itself."""
    _send(process, stop_signal)
    if wait_until(lambda: has_ended(process), seconds):
        return True
    _send(process, signal.SIGKILL)
    wait_until(lambda: has_ended(process), 10)
    return False


def end_group(identity: Identity, stop_signal: signal.Signals, seconds: float, mark: tuple[str, str]) -> None:
    """End a service: its leader first, then whatever its group still holds.

    When the leader is gone already its number may lead a stranger's group, so members must carry the `mark`,
    a variable of the environment that only this stack's processes have.
    """
    leader = identity.find()
    if leader is not None:
        end(leader, stop_signal, seconds)
    for member in _members(identity, mark):
        end(member, signal.SIGKILL, 10)


def _members(identity: Identity, mark: tuple[str, str]) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _belongs(process, identity.pid, mark)]


def _belongs(process: psutil.Process, group: int, mark: tuple[str, str]) -> bool:
    name, value = mark
    try:
        return os.getpgid(process.pid) == group and not has_ended(process) and process.environ().get(name) == value
    except (psutil.Error, OSError):
        return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Look again and again; False if it has not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
