"""HTTP clients that cost little: they share the cores with the server that they measure. An answer's status, headers
and length are looked at, its JSON never.

Several connections are one process that waits for all of them. What it takes itself is measured beside the server's
share: per request little more than wrk takes and half of what autocannon does, and neither has to be installed. A
connection is used again if the server keeps it.
"""

import itertools
import re
import select
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipelines.errors import DependencyAway

CONNECTIONS = 4

_CHUNK = 1 << 18
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")
_CLOSES = re.compile(rb"(?i)\r\nconnection: *close")
_NEXT = re.compile(rb'(?i)\r\nlink:.*<([^>]*)>; rel="next"')


@dataclass(frozen=True, slots=True)
class Address:
    """A server, and the header line that it is asked with: a key, a token, or "" for nothing."""

    host: str
    port: int
    credential: str = ""

    @classmethod
    def of(cls, url: str, credential: str = "") -> "Address":
        """From a URL."""
        parts = urlsplit(url)
        return cls(parts.hostname or "", parts.port or 80, credential)

    def request(self, path: str) -> bytes:
        """A GET as it goes over the wire."""
        credential = f"{self.credential}\r\n" if self.credential else ""
        return f"GET {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{credential}\r\n".encode()

    def connected(self) -> socket.socket:
        """A new connection."""
        connection = socket.socket()
        connection.connect((self.host, self.port))
        return connection


@dataclass(slots=True)
class Answer:
    """What comes back for a path. `seconds`: from before connecting to the last byte."""

    path: str
    began: float
    seconds: float = 0.0
    head: bytes = b""  # until it is whole, all that has come
    left: int | None = None  # bytes of the body that have not come; None until the head is whole

    def take(self, chunk: memoryview) -> bool:
        """Whether it is whole with that. Raises DependencyAway for an end before its time, or for no length."""
        if not chunk:
            raise DependencyAway(f"the answer to {self.path} ended in the middle")
        if self.left is None:
            self._read_head(self.head + chunk)
        else:
            self.left -= len(chunk)
        self.seconds = time.perf_counter() - self.began
        return self.left == 0

    def _read_head(self, received: bytes) -> None:
        self.head, end, body = received.partition(_HEAD_END)
        if not end:
            return
        length = _LENGTH.search(self.head)
        if length is None:
            raise DependencyAway(f"the answer to {self.path} does not say how long it is")
        self.left = int(length[1]) - len(body)

    @property
    def is_good(self) -> bool:
        """Whether it is 200."""
        return self.head[9:12] == b"200"

    @property
    def is_last(self) -> bool:
        """Whether the server closes the connection with it."""
        return _CLOSES.search(self.head) is not None

    @property
    def following(self) -> str:
        """The path of the next page, "" on the last."""
        found = _NEXT.search(self.head)
        url = urlsplit(found[1].decode()) if found else None
        return f"{url.path}?{url.query}" if url else ""

    def require_good(self) -> None:
        """Raises DependencyAway for anything but 200."""
        if not self.is_good:
            raise DependencyAway(f"GET {self.path} was answered {self.head[:40]!r}")


_Asked = tuple[socket.socket, Answer]


class Client:
    """Asks one server, from one thread: what is received goes into the same memory again and again."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._memory = memoryview(bytearray(_CHUNK))

    def ask(self, path: str) -> Answer:
        """One request on a connection of its own, whatever the answer."""
        answer = Answer(path, time.perf_counter())
        with self._address.connected() as connection:
            connection.sendall(self._address.request(path))
            while not self._receive(connection, answer):
                continue
        return answer

    def ask_all(self, paths: Iterable[str], connections: int = CONNECTIONS) -> list[float]:
        """All requests, as fast as it goes: a connection asks again once it has its answer. The seconds of each.

        Raises DependencyAway for any answer but 200.
        """
        return list(self._answers(iter(paths), connections))

    def _answers(self, paths: Iterator[str], connections: int) -> Iterator[float]:
        poll = select.poll()
        asked = dict(self._send(poll, path) for path in itertools.islice(paths, connections))
        while asked:
            for number, _ in poll.poll():
                connection, answer = asked[number]
                if not self._receive(connection, answer):
                    continue
                answer.require_good()
                yield answer.seconds
                poll.unregister(connection)
                del asked[number]
                kept = _kept(connection, answer)
                if path := next(paths, None):
                    asked.update([self._send(poll, path, kept)])
                elif kept:
                    kept.close()

    def _send(self, poll: select.poll, path: str, kept: socket.socket | None = None) -> tuple[int, _Asked]:
        answer = Answer(path, time.perf_counter())
        connection = kept or self._address.connected()
        connection.sendall(self._address.request(path))
        poll.register(connection, select.POLLIN)
        return connection.fileno(), (connection, answer)

    def _receive(self, connection: socket.socket, answer: Answer) -> bool:
        return answer.take(self._memory[: connection.recv_into(self._memory)])


def _kept(connection: socket.socket, answer: Answer) -> socket.socket | None:
    """The connection if it can be used again; closed otherwise."""
    if not answer.is_last:
        return connection
    connection.close()
    return None
