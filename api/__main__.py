"""`python -m api`: the API's own tools for people at a terminal. What serves it is gunicorn (see deploy)."""

import sys
from contextlib import closing
from typing import NoReturn

import click
import psycopg

from api import explaining, settings, sources
from api.collections import BY_NAME, ENDPOINTS, Endpoint
from api.database import Database
from api.errors import ApiError
from api.query.plan import plan
from api.query.request import ListQuery

_REFUSED, _USAGE, _AWAY = 1, 2, 3


@click.group()
def main() -> None:
    """Tools of the OneRoster API."""


@main.command(epilog="Example: python -m api explain \"roles.role='teacher' AND familyName~'ek'\" --sort familyName")
@click.argument("filter", required=False)
@click.option("--collection", type=click.Choice(sorted(BY_NAME)), default="users", show_default=True)
@click.option("--sort", metavar="NAME", help="The name to order by.")
@click.option("--order", type=click.Choice(["asc", "desc"]), default="asc", show_default=True)
@click.option("--limited", is_flag=True, help="As for a client that may see some organisations only.")
@click.option("--org", "orgs", multiple=True, metavar="ID", help="An organisation of that client, for --analyze.")
@click.option("--analyze", "source", metavar="SOURCE", help="Run it on DATABASE_URL, and show PostgreSQL's plan.")
def explain(
    filter: str | None,
    collection: str,
    sort: str | None,
    order: str,
    limited: bool,
    orgs: tuple[str, ...],
    source: str | None,
) -> None:
    """Show what a query becomes: where its names lead, the SQL and its parameters.

    FILTER is written as clients write it, without percent-encoding. With --analyze the statements are run as the API
    runs them, as its reader role; exit 3 if the database is away.
    """
    if source and limited and not orgs:
        raise click.UsageError("--limited --analyze needs the organisations of the client: --org ID")
    query = ListQuery(filter=filter, sort=sort, descending=order == "desc")
    try:
        click.echo(explaining.explain(_endpoint(collection), query, limited or bool(orgs)))
    except ApiError as error:
        _fail(_REFUSED, error.description)
    if source:
        _analyze(source, _endpoint(collection), query, orgs or None)


def _endpoint(name: str) -> Endpoint:
    return next(one for one in ENDPOINTS if one.collection.name == name and not one.single and not one.nested)


def _analyze(source: str, endpoint: Endpoint, query: ListQuery, orgs: tuple[str, ...] | None) -> None:
    try:
        with closing(Database(settings.load())) as database, database.snapshot() as cursor:
            published = [found.name for found in sources.read(cursor)]
            if source not in published:
                _fail(_REFUSED, f"no source {source} has been published; there are: {', '.join(published) or 'none'}")
            for found in explaining.analyze(cursor, source, plan(endpoint, (), query), orgs):
                click.echo(f"\n{found}")
    except settings.SettingsError as error:
        _fail(_USAGE, str(error))
    except psycopg.OperationalError:
        _fail(_AWAY, "the database is not reachable: is DATABASE_URL right, and does it run?")


def _fail(code: int, message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main(prog_name="python -m api")
