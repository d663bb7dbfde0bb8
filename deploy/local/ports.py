"""Ports for the stack's servers: the usual one, or the next free one if nobody insisted on it."""

import fcntl
import os
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipelines.errors import DependencyAway

_TRIES = 100


@dataclass(frozen=True)
class Wanted:
    """A port setting: what it is for, its variable, its number, and whether somebody set it."""

    title: str
    variable: str
    port: int
    insisted: bool


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a port lately closed is free
        try:
            server.bind((address, port))
        except OSError:
            return False
        return True


class Ports:
    """The ports of one stack, kept from other stacks of this user that start at the same moment.

    A server takes its port seconds after it was chosen. Until then, and as long as this process lives, a locked
    file says that it is spoken for; a killed process lets go of it.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._claims: dict[int, IO[str]] = {}
        self._folder = Path(tempfile.gettempdir(), f"rosterhub-ports-{os.geteuid()}")

    def choose(self, wanted: Wanted, address: str = "127.0.0.1") -> int:
        """The wanted port or the next free one; says so when it is not the wanted one."""
        for port in range(wanted.port, min(wanted.port + _TRIES, 65536)):
            if is_free(port, address) and self._claim(port):
                if port != wanted.port:
                    self._say(f"port {wanted.port} is taken: {wanted.title} takes {port} ({wanted.variable} sets it)")
                return port
            if wanted.insisted:
                raise DependencyAway(
                    f"port {wanted.port} for {wanted.title} is taken: end what listens there, or set "
                    f"{wanted.variable} to another port, or unset it to take the next free one"
                )
        raise DependencyAway(f"no free port for {wanted.title} from {wanted.port} on: set {wanted.variable}")

    def any(self) -> int:
        """A port that nobody needs to know."""
        while not self._claim(port := unused()):
            continue
        return port

    def _claim(self, port: int) -> bool:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        file = (self._folder / str(port)).open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._claims[port] = file
        return True


def unused() -> int:
    """A port that is free at this moment."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
