"""Starts services, keeps them running, stops them in reverse; one supervisor per ROSTERHUB_HOME.

Each service leads a session of its own, so that Ctrl-C reaches only the supervisor and a service ends with all it
started. What runs is written to run/stack.json before anything can go wrong: a later supervisor ends what a killed
one left, and nothing else. What the services are is not known here.
"""

import itertools
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from deploy.local import processes
from deploy.local.processes import Identity
from deploy.local.progress import Progress
from deploy.local.record import Record, RunningService
from deploy.local.services import Service
from pipelines.errors import DependencyAway

MARK = "ROSTERHUB_STACK"
_STEADY_SECONDS = 60  # a service that ran this long starts afresh with the short delay
_LONGEST_DELAY = 30.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):  # noqa: N818 - a request, not an error
    """Somebody asked the supervisor to stop."""


@dataclass
class _Running:
    service: Service
    process: subprocess.Popen[bytes]
    identity: Identity
    tier: int
    restart_at: float | None = None  # monotonic; set while it is down
    delay: float = 1.0

    def recorded(self) -> RunningService:
        """What the next supervisor needs to know."""
        service = self.service
        return RunningService(
            service.name, self.identity, self.tier, str(service.log), int(service.stop_signal), service.stop_seconds
        )


@dataclass
class Supervisor:
    """Use as a context manager: leaving it, however that happens, stops everything."""

    record: Record
    progress: Progress
    _running: list[_Running] = field(default_factory=list)
    _handlers: dict[int, object] = field(default_factory=dict)

    def __enter__(self) -> Self:
        # Set even if the caller ignores them (`make demo &`): children inherit ignored signals, and Dagster
        # started with SIGINT ignored never stops.
        self._handlers = {number: signal.signal(number, _raise_stopped) for number in _SIGNALS}
        end_leftovers(self.record, self.progress)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # stopping is under way, and must come to its end
        self._stop()
        for handled, handler in self._handlers.items():
            signal.signal(handled, handler)  # type: ignore[arg-type]  # as signal.signal returned it

    def start(self, *services: Service) -> None:
        """Start services side by side, and wait until each is ready. They will be stopped side by side as well."""
        began = time.monotonic()
        tier = 1 + max((running.tier for running in self._running), default=0)
        for running in [self._start(service, tier) for service in services]:
            title = running.service.title
            with self.progress.step(f"{title} starts"):
                _wait_until_ready(running)
            self.progress.say(f"{title} is ready{_at(running.service)} ({time.monotonic() - began:.1f} s)")

    def watch(self, seconds: float = float("inf")) -> None:
        """Restart whatever ends, until a signal asks to stop (Stopped) or the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for running in self._running:
                self._look_after(running)
            time.sleep(0.3)

    def _start(self, service: Service, tier: int) -> _Running:
        running = _Running(service, *_spawn(service, self._mark), tier)
        self._running.append(running)
        self._write()
        return running

    def _look_after(self, running: _Running) -> None:
        status = running.process.poll()
        if status is None:
            return
        now = time.monotonic()
        if running.restart_at is None:
            self._plan_restart(running, status, now)
        elif now >= running.restart_at:
            processes.end_group(running.identity, signal.SIGTERM, 5, self._mark)
            running.process, running.identity = _spawn(running.service, self._mark)
            running.restart_at = None
            self._write()

    def _plan_restart(self, running: _Running, status: int, now: float) -> None:
        if time.time() - running.identity.started > _STEADY_SECONDS:
            running.delay = 1.0
        self.progress.say(
            f"{running.service.title} {_ended(status)}; starting it again in {running.delay:.0f} s. "
            f"Its log: {running.service.log}"
        )
        running.restart_at = now + running.delay
        running.delay = min(running.delay * 2, _LONGEST_DELAY)

    def _stop(self) -> None:
        _end_all([running.recorded() for running in self._running], self._mark)
        for running in self._running:
            running.process.wait()
        self._running.clear()
        self.record.remove()

    @property
    def _mark(self) -> tuple[str, str]:
        return (MARK, self.record.mark)

    def _write(self) -> None:
        self.record.write_services(running.recorded() for running in self._running)


def end_leftovers(record: Record, progress: Progress) -> None:
    """End what a supervisor that was killed left running. The caller holds the record's lock."""
    leftovers = record.services()
    alive = [service for service in leftovers if service.identity.find() is not None]
    if alive:
        progress.say(f"ending what an earlier run left: {', '.join(service.name for service in alive)}")
    _end_all(leftovers, (MARK, record.mark))
    record.remove()


def _end_all(services: list[RunningService], mark: tuple[str, str]) -> None:
    """The last tier first; those of a tier at the same time, since each takes its seconds."""

    def end(service: RunningService) -> None:
        processes.end_group(service.identity, signal.Signals(service.stop_signal), service.stop_seconds, mark)

    for _, tier in itertools.groupby(reversed(services), key=lambda service: service.tier):
        with ThreadPoolExecutor() as pool:
            list(pool.map(end, tier))


def _spawn(service: Service, mark: tuple[str, str]) -> tuple[subprocess.Popen[bytes], Identity]:
    service.prepare()
    service.log.parent.mkdir(parents=True, exist_ok=True)
    with service.log.open("ab") as log:
        process = subprocess.Popen(
            service.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=service.folder,
            env={**os.environ, **service.environment, mark[0]: mark[1]},
            start_new_session=True,
        )
    return process, Identity.of(process.pid)


def _wait_until_ready(running: _Running) -> None:
    service = running.service

    def settled() -> bool:
        return running.process.poll() is not None or service.ready()

    in_time = processes.wait_until(settled, service.ready_seconds)
    status = running.process.returncode
    if status is not None:
        raise DependencyAway(f"{service.title} {_ended(status)} while starting.{_last_words(service.log)}")
    if not in_time:
        raise DependencyAway(
            f"{service.title} was not ready after {service.ready_seconds:.0f} s.{_last_words(service.log)}"
        )


def _ended(status: int) -> str:
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def _at(service: Service) -> str:
    return f" at {service.where}" if service.where else ""


def _last_words(log: Path, lines: int = 8) -> str:
    text = log.read_text(errors="replace").splitlines()[-lines:]
    return "".join(f"\n    {line}" for line in text) + f"\nIts log: {log}"


def _raise_stopped(number: int, frame: FrameType | None) -> None:
    raise Stopped(signal.Signals(number).name)
