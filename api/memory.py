"""What a worker process remembers of the database, by key and for a while. What deserves it is the caller's matter."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_FOUND_AT_ONCE = 64  # keys share locks, so that there are not as many locks as keys


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


class Costly(Memory[K, V]):
    """What takes long to find, but never long to fail: one thread finds a value, others that want it wait for it."""

    def __init__(self, items: int, seconds: float = float("inf")) -> None:
        super().__init__(items, seconds)
        self._finding = [RLock() for _ in range(_FOUND_AT_ONCE)]

    def get_or(self, key: K, find: Callable[[], V]) -> V:
        value = self.get(key)
        if value is not None:
            return value
        with self._finding[hash(key) % _FOUND_AT_ONCE]:
            return super().get_or(key, find)
