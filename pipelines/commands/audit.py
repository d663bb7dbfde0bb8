"""`rosterhub audit`: the log of who asked the API what. The work is in pipelines.audit."""

import sys
from datetime import UTC, datetime
from typing import Any

import click

from pipelines import audit as log
from pipelines import settings
from pipelines.audit import Wanted
from pipelines.errors import SettingsError

_WRITERS = {"csv": log.write_csv, "json": log.write_json}


class Moment(click.ParamType):
    """A date, which counts from its beginning, or a moment; UTC unless it says otherwise."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise SettingsError(
                f"{value} is no date such as 2027-03-31 and no moment such as 2027-03-31T12:00Z"
            ) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.group()
def audit() -> None:
    """Read and shorten the log of who asked the API what.

    \b
    Example:
      rosterhub audit export --since 2027-03-01 --key 1f6b3c0a9d2e4f58
    """


@audit.command()
@click.option("--since", type=Moment(), help="From that date or moment on.")
@click.option("--until", type=Moment(), help="Before that date or moment.")
@click.option("--key", help="Of one key, by its public half.")
@click.option("--format", "format_", type=click.Choice(list(_WRITERS)), default="csv", show_default=True)
def export(since: datetime | None, until: datetime | None, key: str | None, format_: str) -> None:
    """Print the log in order of time: CSV, or a JSON object a line.

    \b
    Example:
      rosterhub audit export --since 2027-03-01 --until 2027-04-01 --format json
    """
    with log.opened(settings.load().require_database_url()) as connection:
        _WRITERS[format_](log.exported(connection, Wanted(since, until, key)), sys.stdout)


@audit.command()
@click.option("--days", type=click.IntRange(min=1), help="Keep that many days. Left out: ROSTERHUB_AUDIT_DAYS.")
def prune(days: int | None) -> None:
    """Remove what is older than the log is kept; the nightly backup does so too.

    \b
    Example:
      rosterhub audit prune --days 90
    """
    current = settings.load()
    kept = days or current.audit_days
    with log.opened(current.require_database_url()) as connection:
        removed = log.prune(connection, kept)
    click.echo(f"{removed} rows older than {kept} days removed")
