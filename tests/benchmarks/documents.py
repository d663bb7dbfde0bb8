"""docs/performance.md, made from bench.json: the only way that its figures are written."""

from typing import Any

from tests.benchmarks import copying, crawling, orchestrating, reading_while_publishing, serving, tables
from tests.benchmarks.results import Run

_MEASURING = (copying, orchestrating, serving, crawling, reading_while_publishing)

_PAGE = """\
# Performance

<!-- Written by `python -m tests.benchmarks --write-docs` from bench.json. Do not edit. -->

`make bench` takes these figures on the machine it runs on, `make bench-quick` small ones in some minutes. Every
ratio is one of medians of the same run: seconds of one machine say little about another. A missed aim fails nothing.

Taken on {day} in mode {mode} with {students:,} students: {rows:,} rows in {mebibytes:,.0f} MiB of CSV.
{machine}

{measures}

Beside them (medians):

{beside}

## How it is measured

{how}
"""


def page(run: Run) -> str:
    """The page as Markdown."""
    rows = sum(count for name, count in run.bundle.items() if name != "bytes")
    return _PAGE.format(
        day=run.machine["day"],
        mode=run.mode,
        students=run.students,
        rows=rows,
        mebibytes=run.bundle["bytes"] / 2**20,
        machine=machine_line(run.machine),
        measures=tables.markdown(tables.HEADER, tables.rows(run)),
        beside=tables.markdown(("measure", "seen"), tables.beside_rows(run)),
        how="\n\n".join(_how()),
    )


def machine_line(facts: dict[str, Any]) -> str:
    """The machine in a sentence."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    load = facts["load_at_start"][0]
    return (
        f"{facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']}, load {load} at the start; {versions}."
    )


def _how() -> list[str]:
    """What the modules that measure say of themselves."""
    return [(module.__doc__ or "").strip() for module in _MEASURING]
