"""A look into a CSV file without judging it: its header, whether it has rows, whether its rows say what changed.

Staging reads and judges; these answers only decide which files it gets, and as what. They never fail: bytes that are
no UTF-8 and quotes that do not match are left for staging to complain about.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from pipelines.oneroster.entity import LIFECYCLE_NAMES

_CELL_LIMIT = 1 << 26


def header(path: Path) -> tuple[str, ...]:
    """The cells of the first row that has any, trimmed; () for an empty file."""
    return next(_rows(path), ())


def has_rows(path: Path) -> bool:
    """Whether anything follows the header."""
    rows = _rows(path)
    next(rows, None)
    return next(rows, None) is not None


def says_what_changed(path: Path) -> bool:
    """Whether there are rows and each has status and dateLastModified, as only delta files must have (CSV 1.2)."""
    rows = _rows(path)
    names = [name.lower() for name in next(rows, ())]
    places = [names.index(name.lower()) for name in LIFECYCLE_NAMES[1:] if name.lower() in names]
    if len(places) < len(LIFECYCLE_NAMES) - 1:
        return False
    number = 0
    for number, row in enumerate(rows, start=1):  # noqa: B007
        if not all(len(row) > place and row[place] for place in places):
            return False
    return number > 0


def _rows(path: Path) -> Iterator[tuple[str, ...]]:
    """The trimmed cells of every row in which a cell is filled."""
    csv.field_size_limit(_CELL_LIMIT)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            for row in csv.reader(file):
                cells = tuple(cell.strip().strip("\ufeff") for cell in row)
                if any(cells):
                    yield cells
        except csv.Error:
            return
