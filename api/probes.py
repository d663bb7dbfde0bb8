"""Whether the API lives, is ready, and how what it depends on does: /health/live, /health/ready and /health.

None of them needs a key or shows a record. Redis away is no reason not to be ready: answers are only slower.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import redis
from flask import Flask, Response, jsonify, request

from api import errors, sources, vitals
from api.caching import Cache
from api.database import Database
from api.hub import Hub
from api.query.reading import written
from api.security import callers
from api.sources import Source
from api.version import VERSION
from api.vitals import Backup, Drill
from pipelines.contract import API_KEYS, BACKUPS, PUBLICATIONS, SOURCES
from pipelines.oneroster.registry import ENTITIES

LIVE, READY, HEALTH = "/health/live", "/health/ready", "/health"

_TABLES = [*(entity.table for entity in ENTITIES), PUBLICATIONS, SOURCES, API_KEYS, BACKUPS]
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


@dataclass(frozen=True, slots=True)
class Held:
    """What the database told of what it holds; nothing if it is away."""

    sources: tuple[Source, ...] = ()
    backup: Backup | None = None
    drill: Drill | None = None


def register(app: Flask, hub: Hub) -> None:
    """Add the three URLs."""
    for rule, view in ((LIVE, live), (READY, partial(ready, hub)), (HEALTH, partial(health, hub))):
        app.add_url_rule(rule, rule, view, methods=["GET"], provide_automatic_options=False)


def live() -> Response:
    """The process answers; nothing else is asked."""
    return jsonify(status="ok")


def ready(hub: Hub) -> Response:
    """Whether requests can be served: ApiError 503 with the reason if not."""
    if hub.maintenance.is_on():
        raise errors.unavailable("Not ready: under maintenance.")
    database, _ = _database(hub.database)
    if not database.ok:
        raise errors.unavailable(f"Not ready: the database is {database.status}.")
    return jsonify(status="ok" if _redis(hub.cache).ok else "degraded")


def health(hub: Hub) -> Response:
    """How each dependency does, 503 if requests cannot be served. What there is inside is told where metrics are."""
    is_closed = hub.maintenance.is_on()
    database, held = _database(hub.database)
    cache = _redis(hub.cache)
    is_direct = callers.is_direct(request, hub.settings.metrics_addresses, hub.settings.trusted_proxies)
    response = jsonify(
        status=_overall(is_closed, database, cache),
        version=VERSION,
        maintenance=is_closed,
        dependencies={"database": _shown(database), "redis": _shown(cache)},
        sources={source.name: _served(source) for source in held.sources if is_direct},
        **(_inside(hub, held) if is_direct else {}),
    )
    response.status_code = 200 if database.ok and not is_closed else 503
    return response


def _overall(is_closed: bool, database: State, cache: State) -> str:
    if is_closed:
        return "maintenance"
    if not database.ok:
        return "down"
    return "ok" if cache.ok else "degraded"


def _database(database: Database) -> tuple[State, Held]:
    """How the database does, and what it holds."""
    told = [Held()]

    def ask() -> str:
        with database.snapshot() as cursor:
            (missing,) = cursor.execute(_MISSING, [_TABLES]).fetchone() or (len(_TABLES),)
            if missing:
                return "not migrated"
            told.append(Held(sources.read(cursor), vitals.last_backup(cursor), vitals.last_drill(cursor)))
            return "ok"

    return _timed(ask), told[-1]


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


def _inside(hub: Hub, held: Held) -> dict[str, Any]:
    return {"last_backup": _backup(held.backup), "last_drill": _drill(held.drill), "disk": _disk(hub.settings.spool)}


def _backup(made: Backup | None) -> dict[str, Any] | None:
    if made is None:
        return None
    age = datetime.now(UTC) - made.created_at
    return {"created_at": written(made.created_at), "age_seconds": round(age.total_seconds()), "bytes": made.bytes}


def _drill(drill: Drill | None) -> dict[str, Any] | None:
    if drill is None:
        return None
    return {"drilled_at": written(drill.drilled_at), "good": drill.is_good}


def _disk(folder: Path) -> dict[str, int]:
    """Room where this process writes; the folder itself may not be there yet."""
    usage = shutil.disk_usage(
        next(place for place in (folder.absolute(), *folder.absolute().parents) if place.is_dir())
    )
    return {"free_bytes": usage.free, "total_bytes": usage.total}
