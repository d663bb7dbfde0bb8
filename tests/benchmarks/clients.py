"""HTTP clients that cost little: they share the cores with the server that they measure.

A connection per request, as gunicorn's sync workers have it. Requests are made beforehand; of an answer, status,
headers and length are looked at.
"""

import re
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipelines.errors import DependencyAway

_CHUNK = 1 << 18
_NEXT = re.compile(rb'(?im)^link:.*<([^>]*)>; rel="next"')


@dataclass(frozen=True, slots=True)
class Address:
    """Where the API is, and the key to ask it with."""

    host: str
    port: int
    key: str

    @classmethod
    def of(cls, url: str, key: str) -> "Address":
        """From a URL."""
        parts = urlsplit(url)
        return cls(parts.hostname or "", parts.port or 80, key)

    def request(self, path: str) -> bytes:
        """A GET as it goes over the wire."""
        return f"GET {path} HTTP/1.0\r\nHost: {self.host}:{self.port}\r\nX-API-Key: {self.key}\r\n\r\n".encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `following` is the path of the next page, "" on the last."""

    following: str
    seconds: float


def ask(address: Address, path: str) -> Answer:
    """One request. Raises DependencyAway for anything but 200."""
    began = time.perf_counter()
    head = _exchange(address, address.request(path)).partition(b"\r\n\r\n")[0]
    seconds = time.perf_counter() - began
    if b" 200 " not in head[:16]:
        raise DependencyAway(f"GET {path} was answered {head[:40]!r}")
    following = _NEXT.search(head)
    url = urlsplit(following[1].decode()) if following else None
    return Answer(f"{url.path}?{url.query}" if url else "", seconds)


def ask_all(address: Address, paths: Sequence[str]) -> list[float]:
    """One request after the other; the seconds of each."""
    return [ask(address, path).seconds for path in paths]


def _exchange(address: Address, request: bytes) -> bytes:
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall(request)
        received = []
        while chunk := connection.recv(_CHUNK):
            received.append(chunk)
    return b"".join(received)
