"""`rosterhub migrate`: bring the database to this version's schema."""

import click

from pipelines import settings as configuration


@click.command()
def migrate() -> None:
    """Bring the database of DATABASE_URL to this version's schema. Does nothing where it already is.

    \b
    Example:
      rosterhub migrate
    """
    from pipelines.roster.migrations import upgrade

    upgrade(configuration.load().require_database_url())
    click.echo("the database has this version's schema")
