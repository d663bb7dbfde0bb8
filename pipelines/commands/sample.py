"""`rosterhub sample`: write a made-up bundle. How it is made: pipelines.sampling."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from pipelines.commands.progress import progress_line
from pipelines.commands.reporting import table
from pipelines.errors import SettingsError
from pipelines.oneroster.manifest import Mode, Version

LARGEST = 5_000_000  # pupils, more than any district has


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--students", type=click.IntRange(1, LARGEST), required=True, help="How many pupils the district has.")
@click.option("--flavour", type=click.Choice(["us", "japan"]), default="us", show_default=True, help="Whose schools.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same bundle.")
@click.option("--version", type=click.Choice([one.value for one in Version]), default="1.2", show_default=True)
@click.option(
    "--mode",
    type=click.Choice([Mode.BULK.value, Mode.DELTA.value]),
    default=Mode.BULK.value,
    show_default=True,
    help="delta: changes to the bulk bundle of the same options.",
)
@click.option("--gradebook", is_flag=True, help="With line items, results and what belongs to them.")
@click.option("--resources", is_flag=True, help="With learning resources and their links.")
def sample(  # noqa: PLR0913, PLR0917  a command has as many parameters as options
    out: Path, students: int, flavour: str, seed: int, version: str, mode: str, gradebook: bool, resources: bool
) -> None:
    """Write a made-up bundle to OUT: a folder, or a zip if the name ends with .zip.

    Nobody in it is real. It is valid by the standard's letter.

    \b
    Example:
      rosterhub sample --students 500 district.zip
      rosterhub sample --students 40 --flavour japan --seed 7 landing/aozora
    """
    from pipelines.sampling.district import District
    from pipelines.sampling.sample import FLAVOURS, Sample
    from pipelines.sampling.writing import write

    if flavour == "japan" and version != Version.V1P2:
        raise SettingsError(
            "the Japan profile exists only in OneRoster 1.2: leave --version out, or choose --flavour us"
        )
    district = District(students, FLAVOURS[flavour], seed)
    made = Sample(district, Version(version), Mode(mode), gradebook, resources)
    began = time.monotonic()
    with _progress(out) as progress:
        rows = write(made, out, progress)
    click.echo("\n".join(table(("file", "rows"), [(f"{name}.csv", f"{count:,}") for name, count in rows.items()])))
    click.echo(f"\nwrote {sum(rows.values()):,} rows to {out} in {time.monotonic() - began:.1f} s")


@contextmanager
def _progress(out: Path) -> Iterator[Callable[[str, int], None]]:
    with progress_line(f"writing {out.name}") as show:
        yield lambda name, rows: show(f"{name}, {rows:,} rows")
