"""A CSV file into a lazy frame of text cells, each row with its physical line and what was odd about its shape.

A regular file goes straight through polars. One with blank lines, line breaks in cells, ragged rows or bare carriage
returns is first rewritten row by row with the standard library's reader, which knows physical lines. Both ways give
the same frame (a test holds them equal): `line` (UInt32), `surplus` (extra cells: Int32, negative where cells are
missing), `surplus_filled` (Boolean: an extra cell has content), and one String column per header position, "" for an
empty cell.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.staged.scanning import TextFacts, scan

LINE, SURPLUS, SURPLUS_FILLED = "line", "surplus", "surplus_filled"
CELL_LIMIT = 64 << 20  # the reader's; the rule for cells is 1 MiB and has a finding


class MalformedQuotesError(Exception):
    """The quoting breaks at `line`: what follows cannot be told apart, so no row of the file can be trusted."""

    def __init__(self, line: int):
        super().__init__(f"quotes do not match at line {line}")
        self.line = line


class NotUtf8Error(Exception):
    """The file is in another encoding; `facts` say where it shows and which it may be."""

    def __init__(self, facts: TextFacts):
        super().__init__(f"not UTF-8 at byte {facts.invalid_at}")
        self.facts = facts


@dataclass(frozen=True)
class RawFile:
    """A readable file. `rows` has a column per header position, named by `position(i)`."""

    header: tuple[str, ...]
    rows: pl.LazyFrame
    facts: TextFacts
    regular: bool


def position(index: int) -> str:
    """The frame's name of the cell at that header position: headers may repeat, positions do not."""
    return f"cell{index}"


def read_header(path: Path) -> tuple[str, ...]:
    """The first record's cells, as sent but for a BOM; () for an empty file."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.reader(file):
            if row:
                return (row[0].lstrip("\ufeff"), *row[1:])
    return ()


def read(path: Path, workspace: Path) -> RawFile:
    """Read a UTF-8 file. `workspace` takes the rewritten copy that an irregular file needs.

    Raises NotUtf8Error, and MalformedQuotesError where the quoting breaks.
    """
    facts = scan(path)
    if not facts.is_utf8:
        raise NotUtf8Error(facts)
    header = read_header(path)
    rows = _read_regular(path, len(header), facts)
    if rows is not None:
        return RawFile(header, rows, facts, regular=True)
    rewritten = workspace / f"{path.stem}.rewritten.csv"
    _rewrite(path, rewritten, len(header))
    return RawFile(header, _scan_rewritten(rewritten, len(header)), facts, regular=False)


def _read_regular(path: Path, width: int, facts: TextFacts) -> pl.LazyFrame | None:
    """The frame, or None if the file is not regular: one line per record, every record `width` cells."""
    if facts.nul or facts.lone_returns or facts.boms > 1 or not width:
        return None
    names = [position(index) for index in range(width)]
    rows = pl.scan_csv(
        path, infer_schema=False, empty_string_is_null=False, with_column_names=lambda _: names, glob=False
    )
    try:
        records, commas = rows.select(pl.len(), _embedded_commas(names, facts)).collect(engine="streaming").row(0)
    except (pl.exceptions.ComputeError, pl.exceptions.ShapeError, pl.exceptions.NoDataError):
        return None
    if records + 1 != facts.lines or facts.commas != (width - 1) * facts.lines + commas:
        return None
    regular_shape = (pl.lit(0, pl.Int32).alias(SURPLUS), pl.lit(False).alias(SURPLUS_FILLED))
    return rows.with_row_index(LINE, offset=2).select(LINE, *regular_shape, *names)


def _embedded_commas(names: list[str], facts: TextFacts) -> pl.Expr:
    """How many commas are in cells: none where nothing is quoted. Either way every cell is parsed, so that a record
    with too many of them is noticed."""
    if not facts.quoted:
        return pl.sum_horizontal(pl.col(name).null_count() for name in names).cast(pl.Int64)
    counts = [pl.col(name).str.count_matches(",", literal=True).sum() for name in names]
    return pl.sum_horizontal(counts).cast(pl.Int64)


def _rewrite(path: Path, target: Path, width: int) -> None:
    with path.open(encoding="utf-8-sig", newline="") as source, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow([LINE, SURPLUS, SURPLUS_FILLED, *(position(index) for index in range(width))])
        writer.writerows(_normalised(source, width))


def _normalised(source: Iterator[str], width: int) -> Iterator[list[str | int]]:
    csv.field_size_limit(CELL_LIMIT)
    reader, first_line, header_seen = csv.reader(source, strict=True), 1, False
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise MalformedQuotesError(first_line) from error
        if row is None:
            return
        if row and header_seen:
            surplus = row[width:]
            cells = [*row[:width], *[""] * (width - len(row))]
            yield [first_line, len(row) - width, "true" if any(map(str.strip, surplus)) else "false", *cells]
        header_seen = header_seen or bool(row)
        first_line = reader.line_num + 1


def _scan_rewritten(path: Path, width: int) -> pl.LazyFrame:
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        LINE: pl.UInt32,
        SURPLUS: pl.Int32,
        SURPLUS_FILLED: pl.Boolean,
    }
    schema |= {position(index): pl.String for index in range(width)}
    return pl.scan_csv(path, schema=schema, empty_string_is_null=False, glob=False)
