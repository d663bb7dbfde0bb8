"""How often a client may ask: sliding windows of a minute (the library `limits`), shared by all workers through Redis.

A worker that a client keeps busy fetches permits for more and more requests at a time, so that Redis is not asked for
each: 0.4 ms would be as much as a cached page takes. Slow clients and low limits are counted one by one. Redis away:
every worker counts for itself.
What is refused is counted in the metrics; who is refused stands in the audit log.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TypeVar

import redis
from limits import RateLimitItem, RateLimitItemPerMinute, WindowStats
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from api.errors import ApiError
from api.memory import Memory
from api.patience import Patience, connection_options
from api.settings import Settings

PREFIX = "limits"  # of the keys in Redis

_PERMIT_SECONDS = 2.0  # what is left of a permit lapses after that
_SMALLEST_SHARE = 1_000  # no permit is for more than that part of the limit

Windows = SlidingWindowCounterRateLimiter
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Allowance:
    """How a client stands after a request: told in the RateLimit headers (the three of the IETF draft up to 06)."""

    limit: int
    remaining: int
    reset: int  # seconds until some of it comes back

    @property
    def headers(self) -> dict[str, str]:
        """What clients are told."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


@dataclass(slots=True)
class _Permit:
    size: int
    left: int
    remaining: int  # in the window beside it
    resets_at: float


class Limiter:
    """The windows of one worker process. `count` is told what happened: refused, guessing or away."""

    def __init__(self, settings: Settings, count: Callable[[str], None]) -> None:
        self._default = settings.rate_limit
        self._failures = settings.failure_limit
        self._count = count
        self._shared = _shared(settings)
        self._own = Windows(MemoryStorage())
        self._patience = Patience(count, "; limits are counted per worker")
        self._permits: Memory[tuple[str, int], _Permit] = Memory(10_000, _PERMIT_SECONDS)
        self._lock = Lock()

    def charge(self, key: str, requests_per_minute: int | None) -> Allowance | None:
        """Count a request of a client; ApiError 429 if there were too many. None for a client without a limit."""
        limit = self._default if requests_per_minute is None else requests_per_minute
        if not limit:
            return None
        with self._lock:
            permit = self._permits.get((key, limit))
            if permit is None or permit.left == 0:
                permit = self._fetch(key, limit, _next_size(permit, limit))
                self._permits.put((key, limit), permit)
            permit.left -= 1
        return Allowance(limit, permit.remaining + permit.left, _seconds_until(permit.resets_at))

    def charge_failure(self, address: str) -> None:
        """Count credentials from that address that are no good; ApiError 429 if there were too many.

        Only failures are counted and only failures refused: good credentials work, whoever else guesses behind the
        same address.
        """
        item = RateLimitItemPerMinute(self._failures)
        if self._failures and not self._ask(partial(_hit, item=item, key=f"failures/{address}", cost=1)):
            self._count("guessing")
            raise _too_many("Too many requests with wrong credentials came from this address.", 60)

    def _fetch(self, key: str, limit: int, size: int) -> _Permit:
        item = RateLimitItemPerMinute(limit)
        while not self._ask(partial(_hit, item=item, key=key, cost=size)):
            if size == 1:
                self._count("refused")
                raise _over(limit, _seconds_until(self._stats(item, key)[0]))
            size = 1
        resets_at, remaining = self._stats(item, key)
        return _Permit(size, size, remaining, resets_at)

    def _stats(self, item: RateLimitItem, key: str) -> WindowStats:
        return self._ask(lambda windows: windows.get_window_stats(item, key))

    def _ask(self, ask: Callable[[Windows], T]) -> T:
        """What the shared windows say, or this worker's own while Redis is away."""
        if self._shared is not None and self._patience.is_left:
            try:
                return ask(self._shared)
            except redis.RedisError as error:
                self._patience.lose(error)
        return ask(self._own)


def _shared(settings: Settings) -> Windows | None:
    """Windows in Redis, which is connected to when it is first asked."""
    if settings.redis_url is None:
        return None
    return Windows(RedisStorage(settings.redis_url, key_prefix=PREFIX, **connection_options(settings)))


def _hit(windows: Windows, *, item: RateLimitItem, key: str, cost: int) -> bool:
    return windows.hit(item, key, cost=cost)


def _next_size(used_up: _Permit | None, limit: int) -> int:
    """Twice as much for a client that used its permit up before it lapsed."""
    return max(min(used_up.size * 2, limit // _SMALLEST_SHARE), 1) if used_up else 1


def _seconds_until(moment: float) -> int:
    return max(math.ceil(moment - time.time()), 1)


def _over(limit: int, seconds: int) -> ApiError:
    return _too_many(f"This key may send {limit} requests a minute.", seconds, Allowance(limit, 0, seconds).headers)


def _too_many(description: str, seconds: int, headers: Mapping[str, str] | None = None) -> ApiError:
    return ApiError(429, description, headers={"Retry-After": str(seconds), **(headers or {})})
