"""`rosterhub plan`: what publishing a bundle would change, without changing it."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from pipelines import settings as configuration


@click.command()
@click.argument("source")
@click.option("--bundle", required=True, type=click.Path(path_type=Path, exists=True), help="A folder or a zip.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def plan(source: str, bundle: Path, as_json: bool) -> None:
    """Say what a bundle would change in a source, per entity. Nothing is published or recorded.

    \b
    Example:
      rosterhub plan north_district --bundle exports/2026-04-01.zip
    """
    from pipelines.commands.progress import progress_line
    from pipelines.commands.reporting import change_lines
    from pipelines.landing.arrivals import arrival_at
    from pipelines.roster.publishing import preview
    from pipelines.syncing import stage_arrival

    settings = configuration.load()
    arrival = arrival_at(bundle, settings.landing)
    with (
        tempfile.TemporaryDirectory(prefix="rosterhub-plan-") as folder,
        progress_line(f"planning {source}") as progress,
    ):
        staged = stage_arrival(settings, source, arrival, Path(folder), progress)
        changes = preview(settings.require_database_url(), source, staged)
    counts = {name: changed.counts for name, changed in changes.items()}
    if as_json:
        click.echo(json.dumps({name: asdict(change) for name, change in counts.items()}))
    else:
        click.echo("\n".join(change_lines(counts)))
