"""What a worker process remembers of the database, by key and for a while. What deserves it is the caller's matter."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memory(Generic[K, V]):
    """At most `items` values, each for `seconds`; the one not asked for longest goes first. Safe between threads."""

    def __init__(self, items: int, seconds: float = float("inf")) -> None:
        self._items = items
        self._seconds = seconds
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value, or None if it was never put there, is too old or had to go."""
        with self._lock:
            until, value = self._kept.get(key, (0.0, None))
            if value is None or until <= monotonic():
                self._kept.pop(key, None)
                return None
            self._kept.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Remember it from now on."""
        self._put(key, value, monotonic())

    def _put(self, key: K, value: V, since: float) -> None:
        with self._lock:
            self._kept[key] = (since + self._seconds, value)
            self._kept.move_to_end(key)
            if len(self._kept) > self._items:
                self._kept.popitem(last=False)

    def get_or(self, key: K, find: Callable[[], V]) -> V:
        """The value, found and remembered if need be. What raises is not remembered.

        However long it takes to find, it is as old as the question.
        """
        value = self.get(key)
        if value is None:
            asked_at = monotonic()
            value = find()
            self._put(key, value, asked_at)
        return value
