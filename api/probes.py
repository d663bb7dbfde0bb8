"""Whether the API lives, is ready, and how what it depends on does: /health/live, /health/ready and /health.

None of them needs a key or shows a record. Redis away is no reason not to be ready: answers are only slower.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
import redis
from flask import Flask, Response, jsonify, request

from api import errors, sources
from api.caching import Cache
from api.database import Database
from api.hub import Hub
from api.query.reading import written
from api.security import callers
from api.sources import Source
from api.version import VERSION
from pipelines.contract import API_KEYS, PUBLICATIONS, SOURCES
from pipelines.oneroster.registry import ENTITIES

LIVE, READY, HEALTH = "/health/live", "/health/ready", "/health"

_TABLES = [*(entity.table for entity in ENTITIES), PUBLICATIONS, SOURCES, API_KEYS]
_MISSING = b"SELECT count(*) FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NULL"


@dataclass(frozen=True, slots=True)
class State:
    """How a dependency does: ok, away, not migrated (the database) or unused (Redis)."""

    status: str
    ms: float

    @property
    def ok(self) -> bool:
        """Whether nothing has to be done about it."""
        return self.status in {"ok", "unused"}


def register(app: Flask, hub: Hub) -> None:
    """Add the three URLs."""
    for rule, view in ((LIVE, live), (READY, partial(ready, hub)), (HEALTH, partial(health, hub))):
        app.add_url_rule(rule, rule, view, methods=["GET"], provide_automatic_options=False)


def live() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify(status="ok")


def ready(hub: Hub) -> Response:
    """Whether requests can be served: ApiError 503 with the reason if not."""
    if hub.settings.maintenance:
        raise errors.unavailable("Not ready: under maintenance.")
    database, _ = _database(hub.database)
    if not database.ok:
        raise errors.unavailable(f"Not ready: the database is {database.status}.")
    return jsonify(status="ok" if _redis(hub.cache).ok else "degraded")


def health(hub: Hub) -> Response:
    """How each dependency does, 503 if requests cannot be served; which sources there are is told where metrics are."""
    database, published = _database(hub.database)
    cache = _redis(hub.cache)
    is_direct = callers.is_direct(request, hub.settings.metrics_addresses, hub.settings.trusted_proxies)
    response = jsonify(
        status=_overall(hub, database, cache),
        version=VERSION,
        maintenance=hub.settings.maintenance,
        dependencies={"database": _shown(database), "redis": _shown(cache)},
        sources={source.name: _served(source) for source in published if is_direct},
    )
    response.status_code = 200 if database.ok and not hub.settings.maintenance else 503
    return response


def _overall(hub: Hub, database: State, cache: State) -> str:
    if hub.settings.maintenance:
        return "maintenance"
    if not database.ok:
        return "down"
    return "ok" if cache.ok else "degraded"


def _database(database: Database) -> tuple[State, tuple[Source, ...]]:
    """How the database does, and the sources that it serves."""
    published: list[Source] = []

    def ask() -> str:
        with database.snapshot() as cursor:
            (missing,) = cursor.execute(_MISSING, [_TABLES]).fetchone() or (len(_TABLES),)
            if missing:
                return "not migrated"
            published.extend(sources.read(cursor))
            return "ok"

    return _timed(ask), tuple(published)


def _redis(cache: Cache) -> State:
    def ask() -> str:
        cache.ping()
        return "ok" if cache.used else "unused"

    return _timed(ask)


def _timed(ask: Callable[[], str]) -> State:
    began = time.perf_counter()
    try:
        status = ask()
    except (psycopg.OperationalError, redis.RedisError):
        status = "away"
    return State(status, round((time.perf_counter() - began) * 1000, 1))


def _shown(state: State) -> dict[str, Any]:
    return {"status": state.status, "latency_ms": state.ms}


def _served(source: Source) -> dict[str, Any]:
    published = written(source.published_at) if source.published_at else None
    return {"generation": source.generation, "last_publication": published, "needs_bulk": source.needs_bulk}
