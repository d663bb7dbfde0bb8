"""Bodies that were made before, in Redis under `cache:` and nothing else there.

A key is a hash of all that a body depends on, the generation among it, so nothing is ever invalidated: a new
generation asks for new keys, and old ones run out. Redis away, slow or full makes answers slower, never wrong.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

import orjson
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from api.settings import Settings
from pipelines.contract import CACHE_PREFIX

LOG = logging.getLogger("rosterhub.api")
VERSION = metadata.version("rosterhub")
_PAUSE_SECONDS = 1.0  # how long Redis is left alone after it failed, so that not every request waits for it


@dataclass(frozen=True, slots=True)
class Body:
    """An answer's JSON and the headers that belong to it."""

    content: bytes
    headers: dict[str, str]

    def packed(self) -> bytes:
        """As it is kept: the headers in a line of JSON, then the content."""
        return orjson.dumps(self.headers) + b"\n" + self.content

    @classmethod
    def unpacked(cls, packed: bytes) -> "Body":
        headers, _, content = packed.partition(b"\n")
        return cls(content, orjson.loads(headers))


@dataclass(frozen=True, slots=True)
class Subject:
    """What a body depends on beside the generation. `view`: which part of the source the client may see."""

    source: str
    view: str
    base: str  # public URL and prefix: hrefs and links hold it
    collection: str
    query: tuple[object, ...]  # the canonical query, start key included, or the id of a record

    def key(self, generation: int) -> str:
        """The Redis key."""
        parts = [VERSION, self.source, generation, self.view, self.base, self.collection, *self.query]
        return CACHE_PREFIX + hashlib.blake2b(orjson.dumps(parts), digest_size=20).hexdigest()


class Cache:
    """Keeps bodies, as long as Redis goes along. `count` is told how each attempt went: hit, miss, stored, away."""

    def __init__(self, settings: Settings, count: Callable[[str], None]) -> None:
        self._settings = settings
        self._count = count
        self._client = _client(settings)
        self._paused_until = 0.0

    def get(self, key: str) -> Body | None:
        """The body under that key, if it is there and Redis answers."""
        packed = self._try(lambda client: client.get(key))
        if packed is None:
            return None
        self._count("hit")
        return Body.unpacked(packed)

    def put(self, key: str, body: Body) -> None:
        """Keep the body for a while, unless it is too large."""
        if len(body.content) > self._settings.cache_max_bytes:
            return
        packed = body.packed()
        if self._try(lambda client: client.set(key, packed, ex=self._settings.cache_seconds)):
            self._count("stored")

    def ping(self) -> None:
        """Raises redis.RedisError if Redis does not answer."""
        if self._client is not None:
            self._client.ping()

    @property
    def used(self) -> bool:
        """Whether there is a Redis to ask at all."""
        return self._client is not None
