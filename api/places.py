"""Where clients that count offsets stand: the key that their last page ended on, in Redis for a quarter of an hour.

An offset alone would skip or repeat records when others come or go between two pages. With the key, the next page
starts after the record that the client saw last, across publications, and costs what the first one does. Redis away
means that the offset is taken as it is.
"""

import hashlib
from dataclasses import dataclass

import orjson
import redis

from api.caching import Cache
from api.memory import Memory

PREFIX = "place:"  # `cache:` is kept for bodies
SECONDS = 900

_WRITTEN_AGAIN_SECONDS = 60.0  # a place that does not change is written this often, not with every answer


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after which key, and how that was found.

    `shift` is what the total has to be raised by so that offsets counted from the first page come out right, although
    records before them have gone or come since.
    """

    after: str
    revision: str  # of the data that its page was made of
    shift: int = 0

    @property
    def subject(self) -> tuple[object, ...]:
        """What a body that starts there depends on."""
        return (self.after, self.revision, self.shift)


class Places:
    """The places, kept through the cache's connection and its patience with Redis."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._written: Memory[str, Place] = Memory(10_000, _WRITTEN_AGAIN_SECONDS)

    def find(self, client: str, query: tuple[object, ...], offset: int) -> Place | None:
        """The place at that offset of that query, if the client has come there page by page."""
        packed = self._cache.attempt(lambda connection: connection.get(_key(client, query, offset)))
        try:
            return Place(*orjson.loads(packed)) if packed else None
        except (TypeError, ValueError):  # what nobody here has written
            return None

    def keep(self, client: str, query: tuple[object, ...], offset: int, place: Place) -> None:
        """Remember the place for whoever asks for that offset next."""
        key = _key(client, query, offset)
        if self._written.get(key) == place:
            return
        packed = orjson.dumps([place.after, place.revision, place.shift])

        def write(connection: redis.Redis) -> bool:
            return bool(connection.set(key, packed, ex=SECONDS))

        if self._cache.attempt(write):
            self._written.put(key, place)


def _key(client: str, query: tuple[object, ...], offset: int) -> str:
    return PREFIX + hashlib.blake2b(orjson.dumps([client, query, offset]), digest_size=20).hexdigest()
