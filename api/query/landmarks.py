"""Places in long lists that a worker has been at: after how many records which key comes.

A page at an offset is found by walking the keys before it. From the nearest place that is known the way is short, so
clients that fetch pages in any order, or several at once, pay for the walk a few times and not for every page.
Places of clients that go page by page are in places.py.
"""

from bisect import bisect_right, insort
from threading import Lock

from api.query.cursors import Key

APART = 1_000  # records between two places, at least: fewer than take as long as the page itself


class Landmarks:
    """Of one list that does not change: one revision's, in one order. Safe between threads."""

    def __init__(self) -> None:
        self._positions: list[int] = []
        self._keys: dict[int, Key] = {}
        self._lock = Lock()

    def nearest(self, position: int) -> tuple[int, Key | None]:
        """The last known place at or before that many records: how many it comes after, and the key of the last of
        them. The beginning of the list has no key."""
        with self._lock:
            known = bisect_right(self._positions, position)
            found = self._positions[known - 1] if known else 0
            return found, self._keys.get(found)

    def add(self, position: int, key: Key) -> None:
        """Remember that the record of that key is the last of so many, unless a place nearby is known."""
        with self._lock:
            after = bisect_right(self._positions, position)
            nearby = (0, *self._positions[max(after - 1, 0) : after + 1])
            if all(abs(position - known) >= APART for known in nearby):
                insort(self._positions, position)
                self._keys[position] = key
