"""What is written down about a running stack, in ROSTERHUB_HOME/run: the lock, its processes, its URLs.

    lock         held by the supervisor while it lives; a killed one lets go of it
    stack.json   processes with start times, ports, versions: for `status`, `down` and the next `up`
    stack.env    DATABASE_URL and the like, private: what other commands find when they are not set

Nothing is started, stopped or decided here.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.local import secretfiles
from deploy.local.processes import Identity, wait_until
from pipelines.errors import Refused
from pipelines.settings import ANNOUNCED


@dataclass(frozen=True)
class RunningService:
    """A service as the next supervisor needs to know it to end it."""

    name: str
    identity: Identity
    tier: int  # started, and to be ended, together with the others of its tier
    log: str
    stop_signal: int
    stop_seconds: float

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "RunningService":
        """The inverse of dataclasses.asdict."""
        return cls(**{**value, "identity": Identity(**value["identity"])})


class Record:
    """The files of one ROSTERHUB_HOME."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "run"
        self._file = self.folder / "stack.json"
        self._announcement = home / ANNOUNCED

    @property
    def mark(self) -> str:
        """What every process of this stack carries in its environment, and no other stack's does."""
        return str(self.home.resolve())

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only supervisor here, or say which one is."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)  # pupils' names are in bundles, logs and reports
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "lock").open("a+") as file:
            if not wait_until(lambda: _lock(file.fileno(), fcntl.LOCK_EX), 1):  # `status` holds it for a moment
                raise Refused(
                    f"already running in {self.home} (process {_holder(file.fileno())}): `rosterhub status` shows it, "
                    "`rosterhub down` stops it"
                )
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def supervisor(self) -> int | None:
        """The process id of the living supervisor."""
        with suppress(FileNotFoundError), (self.folder / "lock").open("r+") as file:
            if not _lock(file.fileno(), fcntl.LOCK_SH):
                return int(_holder(file.fileno()) or 0) or None
        return None

    def read(self) -> dict[str, Any]:
        """All that stack.json says; {} without one."""
        try:
            content: dict[str, Any] = json.loads(self._file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return content

    def services(self) -> list[RunningService]:
        """The recorded processes in the order of their start; they may have ended since."""
        return [RunningService.from_json(value) for value in self.read().get("services", [])]

    def write_services(self, services: Iterable[RunningService]) -> None:
        """Replace the list of processes."""
        self.write(services=[asdict(service) for service in services])

    def write(self, **facts: Any) -> None:
        """Replace some facts, keep the others."""
        secretfiles.write(self._file, json.dumps({**self.read(), **facts}, indent=2))

    def announce(self, variables: Mapping[str, str]) -> None:
        """Tell other commands the URLs."""
        secretfiles.write(self._announcement, "".join(f"{name}='{value}'\n" for name, value in variables.items()))

    def remove(self) -> None:
        """Nothing runs any more."""
        self._file.unlink(missing_ok=True)
        self._announcement.unlink(missing_ok=True)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 20, 0).decode()
