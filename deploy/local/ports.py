"""Ports for the stack's servers: the usual one, or the next free one if nobody insisted on it."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

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


def choose(wanted: Wanted, taken: set[int], say: Callable[[str], None], address: str = "127.0.0.1") -> int:
    """The port to use, added to `taken`; says so when it is not the wanted one."""
    for port in range(wanted.port, min(wanted.port + _TRIES, 65536)):
        if port in taken or not is_free(port, address):
            if wanted.insisted:
                raise DependencyAway(
                    f"port {wanted.port} for {wanted.title} is taken: end what listens there, or set "
                    f"{wanted.variable} to another port, or unset it to take the next free one"
                )
            continue
        if port != wanted.port:
            say(f"port {wanted.port} is taken: {wanted.title} listens on {port} ({wanted.variable} chooses another)")
        taken.add(port)
        return port
    raise DependencyAway(f"no free port for {wanted.title} from {wanted.port} on: set {wanted.variable}")


def any_free(taken: set[int]) -> int:
    """A port that nobody needs to know."""
    while True:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            port: int = server.getsockname()[1]
        if port not in taken:
            taken.add(port)
            return port
