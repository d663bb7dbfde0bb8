"""Redis and Dagster under examination."""

from typing import Any

import redis

from pipelines.dagster_api import DagsterApi
from pipelines.doctor.diagnosis import Diagnosis, fail, ok, warn
from pipelines.errors import RosterHubError
from pipelines.settings import Settings

_WANTED_POLICY = "allkeys-lru"
_SECONDS = 3


def redis_server(settings: Settings) -> Diagnosis:
    """Redis answers, and makes room for new answers by itself."""
    if settings.redis_url is None:
        return ok("redis", "REDIS_URL is not set: answers are not cached")
    try:
        with redis.Redis.from_url(
            settings.redis_url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, decode_responses=True
        ) as client:
            client.ping()
            return _policy(client.config_get("maxmemory*"))
    except redis.exceptions.ResponseError:
        return warn(
            "redis", "answers, but does not tell its settings", f"see that maxmemory-policy is {_WANTED_POLICY}"
        )
    except redis.RedisError as error:
        remedy = "start it, or correct REDIS_URL; until then answers are slower, and rates are counted by each process"
        return fail("redis", f"does not answer: {error}", remedy)


def _policy(told: Any) -> Diagnosis:
    policy, limit = told.get("maxmemory-policy"), int(told.get("maxmemory", 0))
    found = f"maxmemory {limit // 2**20} MiB, maxmemory-policy {policy}"
    if limit == 0:
        return warn("redis", found, "set maxmemory: the cache grows until the machine has no memory left")
    if policy != _WANTED_POLICY:
        return warn("redis", found, f"set maxmemory-policy to {_WANTED_POLICY}: a full cache must forget, not refuse")
    return ok("redis", found)


def dagster(settings: Settings) -> Diagnosis:
    """Dagster's web server answers, has our definitions, and its daemon looks after the queue."""
    api = DagsterApi(settings.dagster_web_url)
    try:
        if not api.answers():
            return fail("dagster", f"{api.url} does not answer", "start it, or set ROSTERHUB_UI_URL to its web server")
        if not api.has_loaded():
            return fail("dagster", "the definitions are not loaded", "look at the code server and its log")
        if not api.daemons_are_healthy():
            return fail("dagster", "the daemon is not healthy: no schedule, sensor or queued run starts", "restart it")
    except RosterHubError as error:
        return fail("dagster", str(error), "look at the code server's log")
    return ok("dagster", f"{api.url} answers, definitions are loaded, the daemon is healthy")
