"""`rosterhub verify`: is what is stored what the ledger says? The work is in pipelines.roster.verifying."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines import settings as configuration
from pipelines.errors import Refused, SettingsError

if TYPE_CHECKING:
    from pipelines.roster.verifying import Verification


@click.command()
@click.argument("source", required=False)
@click.option("--against", type=click.Path(path_type=Path), help="Compare with what `verify --json` printed elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="For scripts, and for --against.")
def verify(source: str | None, against: Path | None, as_json: bool) -> None:
    """Check counts, references and the last generation against the ledger, of one source or all; with checksums.

    Exit code 1 if anything is not as it should be.

    \b
    Example:
      rosterhub verify
      rosterhub verify north_district --json > before.json
      rosterhub verify north_district --against before.json
    """
    from pipelines.commands.progress import progress_line
    from pipelines.roster import verifying

    url = configuration.load().require_database_url()
    expected = _read(against) if against else None
    names = [source] if source else verifying.sources(url)
    with progress_line("verifying") as progress:
        found = [verifying.verify(url, name, progress) for name in names]
    differences = list(_differences(expected, found)) if expected is not None else []
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found]))
    else:
        click.echo("\n".join(line for one in found for line in _lines(one)) or "nothing was ever published")
    for difference in differences:
        click.echo(difference, err=as_json)
    if differences or any(one.faults for one in found):
        raise click.exceptions.Exit(Refused.exit_code)


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        read: list[dict[str, Any]] = json.loads(path.read_text())
        return read
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} is nothing that `rosterhub verify --json` printed: {error}") from None


def _differences(expected: "list[dict[str, Any]]", found: "list[Verification]") -> Iterator[str]:
    """Only what both have is compared by content."""
    here = {one.source: asdict(one) for one in found}
    for other in expected:
        ours = here.get(other["source"])
        if ours is None:
            yield f"{other['source']}: is not here"
            continue
        for name, facts in other["entities"].items():
            if ours["entities"].get(name) != facts:
                yield f"{other['source']}: {name} differ: {ours['entities'].get(name)}, expected {facts}"


def _lines(one: "Verification") -> Iterator[str]:
    rows = sum(facts.rows for facts in one.entities.values())
    state = f"{len(one.faults)} faults" if one.faults else "as the ledger says"
    yield f"{one.source}: generation {one.generation}, {rows} rows, {state}"
    yield from (f"  {fault}" for fault in one.faults)
