"""A run as text: lines for a terminal, tables for the documentation. Nothing is measured or written here."""

from collections.abc import Sequence

from tests.benchmarks.catalogue import BY_KEY, MEASURES, Aim, Measure
from tests.benchmarks.results import Found, Run

HEADER = ("measure", "median", "unit", "beside its anchor", "aim", "")

Row = tuple[str, ...]


def rows(run: Run) -> list[Row]:
    """A row per measured measure and aim, in the catalogue's order."""
    return [row for measure in MEASURES if measure.key in run.found for row in _rows_of(run, measure)]


def _rows_of(run: Run, measure: Measure) -> list[Row]:
    value = run.found[measure.key].median
    leading = (measure.title, number(value), measure.unit)
    aims = [aim for aim in measure.aims if not aim.anchor or run.median(aim.anchor) is not None]
    if not aims:
        return [(*leading, "", "", "")]
    first, *others = (_against(run, measure, value, aim) for aim in aims)
    return [(*leading, *first), *(("", "", "", *other) for other in others)]


def _against(run: Run, measure: Measure, value: float, aim: Aim) -> Row:
    anchor = run.median(aim.anchor) if aim.anchor else 1.0
    assert anchor is not None, aim.anchor
    ratio = f"{number(value / anchor)} × {BY_KEY[aim.anchor].title}" if aim.anchor else ""
    if aim.bound is None:
        return (ratio, "", "")
    unit = "×" if aim.anchor else measure.unit
    verdict = "reached" if aim.is_met(value, anchor) else "missed"
    return (ratio, f"{aim.direction} {number(aim.bound)} {unit}", verdict)


def beside_rows(run: Run) -> list[Row]:
    """What was seen beside the measures: (measure, "name median, name median …")."""
    found = [(measure, run.found[measure.key]) for measure in MEASURES if measure.key in run.found]
    return [(measure.title, _beside(one)) for measure, one in found if one.beside]


def _beside(found: Found) -> str:
    medians = {name: Found(samples).median for name, samples in found.beside.items()}
    return ", ".join(f"{name} {number(median)}" for name, median in medians.items())


def number(value: float) -> str:
    """Three digits that matter, thousands apart.

    >>> number(0.98765), number(12.345), number(61234.0)
    ('0.99', '12.3', '61,234')
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def aligned(header: Row, lines: Sequence[Row]) -> str:
    """A table for a terminal."""
    widths = [max(map(len, cells)) for cells in zip(header, *lines, strict=True)]
    padded = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in (header, *lines)
    ]
    return "\n".join(line.rstrip() for line in padded)


def markdown(header: Row, lines: Sequence[Row]) -> str:
    """The same table in Markdown."""
    rule = tuple("---" for _ in header)
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *lines))
