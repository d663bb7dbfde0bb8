"""A raw frame into typed rows with one Boolean column per fault: the expressions of one file, put together.

The result is lazy. Value columns carry their frame names, fault columns `code|column`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from pipelines.contract import METADATA, SENT_DATE
from pipelines.frames import FRAME_TYPES
from pipelines.oneroster.entity import LIFECYCLE_NAMES, Column, Entity, Kind
from pipelines.oneroster.manifest import Mode
from pipelines.staged.cells import Cell, Effect, Fault, read_cell
from pipelines.staged.headers import HeaderReading
from pipelines.staged.reading import LINE, SURPLUS, SURPLUS_FILLED, RawFile, position
from pipelines.staged.row_rules import row_rules
from pipelines.staged.surveying import Survey, blank

MILLION_BYTES = 1 << 20
# JSON's escapes; the rarer control characters are \u00XX.
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
ESCAPES |= {chr(code): f"\\u{code:04x}" for code in range(32) if chr(code) not in ESCAPES}


@dataclass(frozen=True)
class TypedRows:
    """Typed rows with their faults. `values` are the columns to keep, `faults` the rules that were asked."""

    frame: pl.LazyFrame
    values: tuple[str, ...]
    faults: tuple[Fault, ...]
    cells: dict[str, int]  # where the cell of a column is, for showing what was sent


def typed_rows(
    entity: Entity,
    raw: RawFile,
    reading: HeaderReading,
    mode: Mode,
    seen: Survey | None = None,
    overlay: Sequence[Fault] = (),
) -> TypedRows:
    """Typed rows of a file whose header was accepted, and its faults, a profile's `overlay` of rules included.

    Rows of empty cells only are left out.
    """
    seen = seen or Survey(blank_rows=1)
    cells = {column: _cell(column, reading, seen) for column in entity.columns if column.name in reading.columns}
    faults = [*_shape_faults(), *_text_faults(raw, reading), *_lifecycle_faults(reading, mode), *overlay]
    faults += [fault for column, cell in cells.items() for fault in _faults_of(column, cell, mode)]
    absent = [column for column in entity.columns if column not in cells]
    missing = [pl.lit(None, FRAME_TYPES[column.kind]).alias(frame_name(column)) for column in absent]
    rows = raw.rows.filter(~blank(raw)) if seen.blank_rows else raw.rows
    frame = rows.with_columns(cell.text for cell in cells.values()).with_columns(
        *(cell.value for cell in cells.values()), *missing
    )
    names = [frame_name(column) for column in entity.columns if column.kind is not Kind.SECRET]
    frame = frame.select(
        LINE, (pl.col(SURPLUS) > 0).alias("surplus"), *names, metadata_json(raw, reading), *_flags(faults)
    )
    later = row_rules(entity)
    return TypedRows(
        frame.with_columns(_flags(later)),
        (LINE, "surplus", *names, METADATA),
        (*faults, *later),
        {**reading.columns, **{f"metadata.{key}": index for key, index in reading.metadata.items()}},
    )


def frame_name(column: Column) -> str:
    """The frame's name of a column: the source's own date is not the date that is served."""
    return SENT_DATE if column.name == "dateLastModified" else column.field


def _cell(column: Column, reading: HeaderReading, seen: Survey) -> Cell:
    return read_cell(
        column,
        position(reading.columns[column.name]),
        frame_name(column),
        tidy=column.name in seen.tidy,
        exact=column.name in seen.exact and column.name in seen.tidy,
    )


def _faults_of(column: Column, cell: Cell, mode: Mode) -> list[Fault]:
    """A column's faults; a delta row cannot do without its date, so an unusable one is not just dropped there."""
    if mode is not Mode.DELTA or column.name not in LIFECYCLE_NAMES:
        return list(cell.faults)
    return [replace(fault, effect=Effect.REJECT) if fault.effect is Effect.DROP else fault for fault in cell.faults]


def _lifecycle_faults(reading: HeaderReading, mode: Mode) -> list[Fault]:
    """In delta status and date are required; in bulk they should be blank (one fault for both: exporters fill both)."""
    names = [name for name in LIFECYCLE_NAMES[1:] if name in reading.columns]
    blank = {name: pl.col(position(reading.columns[name])).str.strip_chars() == "" for name in names}
    if mode is Mode.DELTA:
        return [Fault("delta_lifecycle_blank", name, blank[name], Effect.REJECT) for name in names]
    filled = pl.any_horizontal(~one for one in blank.values()) if names else pl.lit(False)
    return [Fault("lifecycle_filled", names[0] if names else "", filled, Effect.NOTE)]


def _flags(faults: tuple[Fault, ...] | list[Fault]) -> list[pl.Expr]:
    return [fault.when.fill_null(False).alias(fault.name) for fault in faults]


def _shape_faults() -> list[Fault]:
    surplus = pl.col(SURPLUS)
    return [
        Fault("cells_missing", "", surplus < 0, Effect.REJECT),
        Fault("cells_surplus", "", (surplus > 0) & pl.col(SURPLUS_FILLED), Effect.REJECT),
        Fault("cells_surplus_empty", "", (surplus > 0) & ~pl.col(SURPLUS_FILLED), Effect.NOTE),
    ]


def _text_faults(raw: RawFile, reading: HeaderReading) -> list[Fault]:
    """Faults of any text, asked only where the scan saw that they can occur."""
    columns = reading.columns.items()
    faults: list[Fault] = []
    for name, index in columns:
        cell = pl.col(position(index))
        if raw.facts.nul:
            faults.append(Fault("cell_nul", name, cell.str.contains("\x00", literal=True), Effect.REJECT))
        if raw.facts.controls and name != "sourcedId":
            faults.append(
                Fault("control_characters", name, cell.str.contains(r"[\x01-\x09\x0b\x0c\x0e-\x1f\x7f]"), Effect.NOTE)
            )
        if not raw.regular:
            faults.append(Fault("line_break", name, cell.str.contains(r"[\r\n]"), Effect.NOTE))
        if raw.facts.size > MILLION_BYTES:
            faults.append(Fault("cell_too_long", name, cell.str.len_bytes() > MILLION_BYTES, Effect.REJECT))
    return faults


def metadata_json(raw: RawFile, reading: HeaderReading) -> pl.Expr:
    """The `metadata.*` cells as one JSON object with sorted keys; null where all are blank.

    Written here and not by a library: change detection compares the text, so it must never change by itself.
    """
    escapes = ESCAPES if raw.facts.controls or not raw.regular else {key: ESCAPES[key] for key in '\\"'}
    members = []
    for key in sorted(reading.metadata):
        cell = pl.col(position(reading.metadata[key]))
        value = cell.str.replace_many(list(escapes), list(escapes.values()))
        member = pl.concat_str(pl.lit(f'"{_escaped(key)}":"'), value, pl.lit('"'))
        members.append(pl.when(cell.str.strip_chars() != "").then(member))
    if not members:
        return pl.lit(None, pl.String).alias(METADATA)
    joined = pl.concat_str(members, separator=",", ignore_nulls=True)
    return pl.when(joined != "").then(pl.concat_str(pl.lit("{"), joined, pl.lit("}"))).alias(METADATA)


def _escaped(key: str) -> str:
    return "".join(ESCAPES.get(char, char) for char in key)
