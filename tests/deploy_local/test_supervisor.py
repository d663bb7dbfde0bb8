"""The supervisor, with small processes: order, restarts, leftovers, and that strangers are left alone."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from deploy.local import processes
from deploy.local.processes import Identity
from deploy.local.progress import Progress
from deploy.local.record import Record, RunningService
from deploy.local.services import Service
from deploy.local.supervisor import Stopped, Supervisor
from pipelines.errors import DependencyAway, Refused

# Writes a file when it is ready and a line to `ended` when it is asked to stop; has a child that ignores signals.
_SERVER = """
import pathlib, signal, subprocess, sys, time
name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
def stop(*_):
    with (folder / "ended").open("a") as file: print(name, file=file)
    sys.exit()
signal.signal(signal.SIGTERM, stop)
child = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"])
(folder / name).write_text(str(child.pid))
while True: time.sleep(0.05)
"""


class Scene:
    """A home, what is said, and servers to start in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record = Record(folder / "home")
        self.record.folder.mkdir(parents=True)
        self._told = io.StringIO()
        self.progress = Progress(Console(file=self._told, width=500))

    @property
    def told(self) -> str:
        return self._told.getvalue()

    def supervisor(self) -> Supervisor:
        return Supervisor(self.record, self.progress)

    def server(self, name: str, code: str = _SERVER, seconds: float = 10) -> Service:
        return Service(
            name=name,
            title=name,
            command=(sys.executable, "-c", code, name, str(self.folder)),
            log=self.folder / f"{name}.log",
            prepare=lambda: (self.folder / name).unlink(missing_ok=True),
            ready=lambda: bool((self.folder / name).exists() and (self.folder / name).read_text()),
            ready_seconds=seconds,
        )

    def process(self, name: str) -> psutil.Process:
        return next(psutil.Process(s.identity.pid) for s in self.record.services() if s.name == name)

    def child(self, name: str) -> psutil.Process:
        return psutil.Process(int((self.folder / name).read_text()))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with us."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        process.kill()


def _later(action: Callable[[], object]) -> None:
    assert processes.wait_until(lambda: bool(action()), 10)


def test_services_end_in_reverse_with_all_they_started(scene: Scene) -> None:
    with scene.supervisor() as supervisor:
        supervisor.start(scene.server("first"))
        supervisor.start(scene.server("second"))
        everything = [scene.process("first"), scene.process("second"), scene.child("first"), scene.child("second")]
    assert (scene.folder / "ended").read_text().split() == ["second", "first"]
    assert all(processes.has_ended(process) for process in everything)
    assert scene.record.read() == {}


def test_a_crashed_service_is_started_again(scene: Scene) -> None:
    with scene.supervisor() as supervisor:
        supervisor.start(scene.server("one"))
        crashed, orphan = scene.process("one"), scene.child("one")
        crashed.kill()
        supervisor.watch(seconds=2)
        assert scene.process("one").pid != crashed.pid
        assert scene.process("one").is_running()
        assert processes.has_ended(orphan)
    assert "one was killed by SIGKILL; starting it again in 1 s" in scene.told
    assert str(scene.folder / "one.log") in scene.told


def test_a_service_that_ends_while_starting_is_shown_with_its_last_words(scene: Scene) -> None:
    told = r"(?s)broken ended with status 3.*no such disk.*broken\.log"
    with pytest.raises(DependencyAway, match=told), scene.supervisor() as supervisor:
        supervisor.start(scene.server("broken", "import sys; print('no such disk'); sys.exit(3)"))


def test_a_service_that_is_never_ready_is_stopped(scene: Scene) -> None:
    with pytest.raises(DependencyAway, match="slow was not ready after 0 s"), scene.supervisor() as supervisor:
        supervisor.start(scene.server("slow", "import time; time.sleep(600)", seconds=0.2))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_watch(scene: Scene, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(Stopped), scene.supervisor() as supervisor:  # noqa: PT012 - the signal may come at either line
        os.kill(os.getpid(), number)
        supervisor.watch(seconds=5)
    assert signal.getsignal(number) == before


def test_children_can_be_interrupted_even_if_the_caller_ignores_it(scene: Scene) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a shell's `make demo &`
    try:
        with scene.supervisor() as supervisor:
            code = "import pathlib, signal, sys, time; pathlib.Path(sys.argv[2], sys.argv[1]).write_text("
            supervisor.start(scene.server("one", code + "str(signal.getsignal(signal.SIGINT))); time.sleep(600)"))
        assert "default_int_handler" in (scene.folder / "one").read_text()
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_a_killed_supervisor_left_is_ended(scene: Scene, stranger: subprocess.Popen[bytes]) -> None:
    lost = scene.supervisor()
    lost.__enter__()
    lost.start(scene.server("one"), scene.server("two"))
    left = [scene.process("one"), scene.child("one"), scene.process("two"), scene.child("two")]
    left[0].kill()  # its child goes on as an orphan
    _later(lambda: processes.has_ended(left[0]))
    with scene.supervisor():
        assert all(processes.has_ended(process) for process in left)
    assert stranger.poll() is None
    assert "ending what an earlier run left: two" in scene.told


def test_a_reused_process_id_is_not_ended(scene: Scene, stranger: subprocess.Popen[bytes]) -> None:
    stale = Identity(stranger.pid, time.time() - 3600)
    scene.record.write_services([RunningService("one", stale, 1, "one.log", signal.SIGTERM, 1)])
    with scene.supervisor():
        assert stranger.poll() is None


def test_one_supervisor_per_home(scene: Scene) -> None:
    with scene.record.lock():
        assert scene.record.supervisor() == os.getpid()
        with pytest.raises(Refused, match=f"already running .*process {os.getpid()}"), Record(scene.record.home).lock():
            pass
    assert scene.record.supervisor() is None
