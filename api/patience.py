"""How Redis is dealt with, whatever it is asked for: given up on soon, and left alone for a moment after it failed."""

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from api.settings import Settings

LOG = logging.getLogger("rosterhub.api")
_PAUSE_SECONDS = 1.0  # so that not every request waits for it


def connection_options(settings: Settings) -> dict[str, Any]:
    """How redis-py is to connect: it gives up soon and does not try again."""
    return {
        "socket_timeout": settings.cache_timeout_seconds,
        "socket_connect_timeout": settings.cache_timeout_seconds,
        "retry": Retry(NoBackoff(), 0),
    }


class Patience:
    """Whether Redis is asked at the moment.

    `count` is told "away" when it has failed; `consequence` ends the line in the log.
    """

    def __init__(self, count: Callable[[str], None], consequence: str = "") -> None:
        self._count = count
        self._consequence = consequence
        self._paused_until = 0.0

    @property
    def is_left(self) -> bool:
        """Whether it may be asked again."""
        return time.monotonic() >= self._paused_until

    def lose(self, error: redis.RedisError) -> None:
        """It did not answer."""
        reason = f": {error}" if isinstance(error, redis.ConnectionError) else ""  # others could quote what was asked
        LOG.warning("Redis away: %s%s%s", type(error).__name__, reason, self._consequence)
        self._paused_until = time.monotonic() + _PAUSE_SECONDS
        self._count("away")
