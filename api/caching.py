"""Bodies that were made before, in Redis under `cache:` and nothing else there.

A key is a hash of all that a body depends on, the revision of the data among it, so nothing is ever invalidated: a
new revision asks for new keys, and old ones run out. Redis away, slow or full makes answers slower, never wrong.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import redis

from api.patience import Patience, connection_options
from api.settings import Settings
from api.sources import Revision
from api.version import VERSION
from pipelines.contract import CACHE_PREFIX


@dataclass(frozen=True, slots=True)
class Body:
    """An answer's JSON and the headers that belong to it.

    `revision`: of the data that it was made of; `ends_at`: the place from which a client that counts offsets goes on,
    if it does; `shift`: what its total was raised by (see places.py for both).
    """

    content: bytes
    headers: dict[str, str]
    revision: str
    ends_at: str | None = None
    shift: int = 0

    def packed(self) -> bytes:
        """As it is kept: all but the content in a line of JSON, then the content."""
        return orjson.dumps([self.headers, self.revision, self.ends_at, self.shift]) + b"\n" + self.content

    @classmethod
    def unpacked(cls, packed: bytes) -> "Body | None":
        """The inverse; None for what nobody here has packed."""
        line, _, content = packed.partition(b"\n")
        try:
            headers, revision, ends_at, shift = orjson.loads(line)
            return cls(content, dict(headers), revision, ends_at, shift)
        except (TypeError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a body depends on beside the revision. `view`: which part of the source the client may see."""

    view: str
    url: str  # of the request, without its query: hrefs and links start as it does
    query: tuple[object, ...]  # the canonical query, start key included

    def key(self, revision: Revision) -> str:
        """The Redis key."""
        parts = [VERSION, *revision, self.view, self.url, *self.query]
        return CACHE_PREFIX + hashlib.blake2b(orjson.dumps(parts), digest_size=20).hexdigest()


class Cache:
    """Keeps bodies, as long as Redis goes along. `count` is told how each attempt ended: hit, miss, stored or away."""

    def __init__(self, settings: Settings, count: Callable[[str], None]) -> None:
        self._seconds = settings.cache_seconds
        self._max_bytes = settings.cache_max_bytes
        self._count = count
        self._client = _client(settings)
        self._patience = Patience(count)

    @property
    def used(self) -> bool:
        """Whether there is a Redis to ask at all."""
        return self._client is not None

    def get(self, key: str) -> Body | None:
        """The body under that key, if it is there and Redis answers."""
        packed = self.attempt(lambda client: client.get(key) or b"")
        if packed is None:
            return None
        body = Body.unpacked(packed)
        self._count("hit" if body else "miss")
        return body

    def put(self, key: str, body: Body) -> None:
        """Keep the body for a while, unless it is too large."""
        if len(body.content) > self._max_bytes:
            return
        packed = body.packed()
        if self.attempt(lambda client: client.set(key, packed, ex=self._seconds)):
            self._count("stored")

    def ping(self) -> None:
        """Raises redis.RedisError if Redis does not answer."""
        if self._client is not None:
            self._client.ping()

    def attempt(self, ask: Callable[[redis.Redis], Any]) -> Any:
        """What Redis says; None where it is not asked or does not answer. It is left alone for a moment after that."""
        if self._client is None or not self._patience.is_left:
            return None
        try:
            return ask(self._client)
        except redis.RedisError as error:
            self._patience.lose(error)
            return None


def _client(settings: Settings) -> redis.Redis | None:
    """A client that connects when it is first asked."""
    if settings.redis_url is None:
        return None
    return redis.Redis.from_url(settings.redis_url, **connection_options(settings))
