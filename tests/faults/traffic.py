"""Traffic that goes on while something breaks, and what it met: readers of the API, and writers of single rows."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlsplit

import psycopg

from tests.api.conftest import ROSTERING

_TIMEOUT = 60
_PAUSE = 0.01
UNANSWERED = "no answer"
READERS = 4  # as many as the API can be asked by at once and answer all


@dataclass(frozen=True)
class Attempt:
    """One request or one write: when (seconds of the monotonic clock), and how it ended: a status, or words."""

    began: float
    ended: float
    outcome: str
    generation: int = 0


@dataclass
class Traffic:
    """The attempts so far, by whichever thread made them."""

    good: str
    attempts: list[Attempt] = field(default_factory=list)

    def outcomes(self) -> Counter[str]:
        """How many attempts ended how."""
        return Counter(attempt.outcome for attempt in self.attempts)

    def failed(self) -> Counter[str]:
        """Those that did not succeed."""
        return Counter({outcome: count for outcome, count in self.outcomes().items() if outcome != self.good})

    def gap(self) -> float:
        """The longest time in seconds in which nobody succeeded."""
        moments = sorted(attempt.ended for attempt in self.attempts if attempt.outcome == self.good)
        return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)

    def slowest(self) -> float:
        """Seconds of the slowest attempt that succeeded."""
        return max(attempt.ended - attempt.began for attempt in self.attempts if attempt.outcome == self.good)

    def succeeded_after(self, moment: float) -> float:
        """Seconds from that moment until the first success of an attempt begun after it."""
        ended = [each.ended for each in self.attempts if each.began >= moment and each.outcome == self.good]
        return min(ended) - moment

    def since(self, moment: float) -> "Traffic":
        """The attempts begun after a moment."""
        return Traffic(self.good, [attempt for attempt in self.attempts if attempt.began >= moment])

    def told(self) -> str:
        """What clients saw, in words."""
        failed = self.failed()
        if not failed:
            return f"{self.outcomes()[self.good]} answers, no error, the slowest after {self.slowest():.1f} s"
        kinds = ", ".join(f"{count} × {outcome}" for outcome, count in sorted(failed.items()))
        return f"{self.outcomes()[self.good]} answers; {kinds}; nobody was answered for {self.gap():.1f} s"


@contextmanager
def readers(url: str, key: str, count: int = READERS, path: str = f"{ROSTERING}/users") -> Iterator[Traffic]:
    """Clients that ask the API for a page again and again, each on a new connection, and never for the same one."""
    traffic = Traffic("200")

    def attempt(number: int) -> Attempt:
        return ask(url, key, f"{path}?limit={number % 5_000 + 1}")

    with _going_on(traffic, attempt, count):
        yield traffic


def ask(url: str, key: str, path: str = f"{ROSTERING}/users?limit=1") -> Attempt:
    """One request on a connection of its own."""
    began = time.monotonic()
    client = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT)
    try:
        client.request("GET", path, headers={"X-API-Key": key, "Connection": "close"})
        answer = client.getresponse()
        answer.read()
        generation = int(answer.headers.get("X-Roster-Generation") or 0)
        return Attempt(began, time.monotonic(), str(answer.status), generation)
    except (OSError, http.client.HTTPException):
        return Attempt(began, time.monotonic(), UNANSWERED)
    finally:
        client.close()


@dataclass
class Ticks:
    """A writer's rows: `acknowledged` are the numbers whose commit it was told of."""

    traffic: Traffic = field(default_factory=lambda: Traffic("committed"))
    acknowledged: list[int] = field(default_factory=list)

    def lost(self, url: str) -> set[int]:
        """The numbers acknowledged so far that the database of that URL does not have."""
        acknowledged = set(self.acknowledged)
        with psycopg.connect(url) as connection:
            return acknowledged - {number for (number,) in connection.execute("SELECT number FROM ticks")}


@contextmanager
def ticking(url: str) -> Iterator[Ticks]:
    """A writer that commits numbered rows, one after the other, into the table `ticks`; cut off, it connects again."""
    ticks = Ticks()
    connections: list[psycopg.Connection] = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE ticks (number bigint PRIMARY KEY)")

    def attempt(number: int) -> Attempt:
        began = time.monotonic()
        try:
            if not connections or connections[0].closed:
                connections[:] = [psycopg.connect(url, autocommit=True, connect_timeout=2)]
            connections[0].execute("INSERT INTO ticks VALUES (%s)", [number])
        except psycopg.Error as error:
            return Attempt(began, time.monotonic(), type(error).__name__)
        ticks.acknowledged.append(number)
        return Attempt(began, time.monotonic(), ticks.traffic.good)

    with _going_on(ticks.traffic, attempt, 1):
        yield ticks


@contextmanager
def _going_on(traffic: Traffic, attempt: Callable[[int], Attempt], count: int) -> Iterator[None]:
    """Attempts in threads of their own, with numbers of their own, until the block ends."""
    over = threading.Event()

    def go_on(first: int) -> None:
        number = first
        while not over.wait(_PAUSE):
            traffic.attempts.append(attempt(number))
            number += count

    threads = [threading.Thread(target=go_on, args=(number + 1,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(_TIMEOUT + 10)
