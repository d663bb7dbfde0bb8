"""`rosterhub sync`: what the Dagster job does, in this process."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from pipelines import settings as configuration
from pipelines.handover import Publication


@click.command()
@click.argument("source")
@click.option("--bundle", type=click.Path(path_type=Path), help="This bundle instead of the oldest unprocessed one.")
@click.option("--accept", metavar="FINGERPRINT", help="Publish a held bundle all the same.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.pass_context
def sync(context: click.Context, source: str, bundle: Path | None, accept: str | None, as_json: bool) -> None:
    """Take a source's bundle from the landing folder to the API.

    Exit code 0: published, or unchanged. 1: held or rejected, nothing was published.

    \b
    Example:
      rosterhub sync north_district
      rosterhub sync north_district --bundle exports/2026-04-01.zip
    """
    from pipelines.commands.progress import progress_line
    from pipelines.priority import give_way
    from pipelines.syncing import sync as take

    settings = configuration.load()
    give_way()
    with progress_line(f"syncing {source}") as progress:
        publication = take(settings, source, bundle, accept, progress=progress)
    click.echo(json.dumps(as_plain(publication)) if as_json else _as_text(publication, bundle))
    context.exit(0 if publication.outcome in {"published", "unchanged"} else 1)


def as_plain(publication: Publication) -> dict[str, Any]:
    """The outcome as `sync --json` prints it."""
    return {
        "outcome": publication.outcome,
        "generation": publication.generation,
        "fingerprint": publication.fingerprint,
        "entities": {name: asdict(change) for name, change in publication.entities.items()},
        "needs_bulk": publication.needs_bulk,
        "reasons": list(publication.reasons),
        "seconds": publication.seconds,
    }


def _as_text(publication: Publication, bundle: Path | None) -> str:
    from pipelines.commands.reporting import finding_lines, publication_text

    findings = finding_lines(found.masked() for found in publication.findings)
    lines = [publication_text(publication), *findings]
    if publication.outcome == "held":
        named = f" --bundle {bundle}" if bundle else ""
        command = f"rosterhub sync {publication.source}{named} --accept {publication.fingerprint}"
        lines.append(f"To publish it all the same:\n  {command}")
    return "\n".join(lines)
