"""`rosterhub check`: judge a bundle with no server."""

import json
from pathlib import Path

import click

from pipelines import settings as configuration


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="The standard by the letter: every deviation is an error.")
@click.option(
    "--profile",
    type=click.Choice(["auto", "japan", "none"]),
    default="auto",
    show_default=True,
    help="Whether the Japan profile's rules apply; auto looks at the bundle.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def check(context: click.Context, path: Path, strict: bool, profile: str, form: str) -> None:
    """Judge a bundle (a folder, a zip, or one CSV file) without loading it.

    Exit code 0: it can be published, with or without warnings. 1: it would be rejected.

    \b
    Example:
      rosterhub check exports/2026-04-01.zip
      rosterhub check --strict --format json exports/2026-04-01.zip
    """
    from pipelines.checking import check as judge
    from pipelines.commands.progress import progress_line
    from pipelines.commands.reporting import check_text
    from pipelines.landing.archives import Limits

    settings = configuration.load()
    limits = Limits(settings.max_unpacked_bytes, settings.max_entries, settings.max_ratio)
    with progress_line(f"checking {path.name}") as progress:
        verdict = judge(path, strict, profile, limits, progress)
    if form == "json":
        click.echo(json.dumps(verdict.as_dict(), ensure_ascii=False))
    else:
        click.echo(check_text(verdict))
    context.exit(1 if verdict.outcome == "rejected" else 0)
