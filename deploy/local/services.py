"""What a supervisor has to know about a long-running process. How one is started and watched is the supervisor's."""

import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


def _nothing() -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Service:
    """One process of the stack. Its log is appended to; `ready` is asked again and again until it says True."""

    name: str
    title: str  # as people read it
    command: tuple[str, ...]
    log: Path
    ready: Callable[[], bool]
    where: str = ""  # address or URL, for people
    environment: Mapping[str, str] = field(default_factory=dict)  # added to the supervisor's own
    folder: Path | None = None  # to run in
    prepare: Callable[[], None] = _nothing  # before every start, also after a crash
    ready_seconds: float = 60
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10


def answers_http(url: str) -> bool:
    """Whether a GET ends in a success."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - always our own http address
            return bool(answer.status < 400)
    except (urllib.error.URLError, OSError):
        return False


def listens(port: int, address: str = "127.0.0.1") -> bool:
    """Whether something takes connections on the port."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((address, port)) == 0
