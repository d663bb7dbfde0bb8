"""`rosterhub cache`: empties the API's body cache. Only keys under `cache:` are ever touched."""

import click
import redis

from pipelines import settings
from pipelines.contract import CACHE_PREFIX

_BATCH = 1_000


@click.group()
def cache() -> None:
    """Look after the API's cached answers.

    \b
    Example:
      rosterhub cache clear
    """


@cache.command()
@click.option("--pattern", default="*", show_default=True, help="Which keys, as Redis patterns go, below cache:.")
def clear(pattern: str) -> None:
    """Forget cached answers; the next requests make them anew.

    It is never needed after a publication: a new generation asks for new answers.

    \b
    Example:
      rosterhub cache clear
    """
    with redis.Redis.from_url(settings.load().require_redis_url()) as client:
        click.echo(f"{clear_keys(client, pattern)} cached answers cleared")


def clear_keys(client: redis.Redis, pattern: str) -> int:
    """Unlink the keys below `cache:` that match, a batch at a time and without blocking Redis; returns how many."""
    match = CACHE_PREFIX + pattern.removeprefix(CACHE_PREFIX)
    cleared, batch = 0, []
    for key in client.scan_iter(match, count=_BATCH):
        batch.append(key)
        if len(batch) == _BATCH:
            cleared += client.unlink(*batch)
            batch = []
    return cleared + (client.unlink(*batch) if batch else 0)
