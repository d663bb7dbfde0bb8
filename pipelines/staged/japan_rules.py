"""The Japan profile's rules over the cells of a file (facts: `oneroster.japan`). An overlay: the base rules stay."""

import polars as pl

from pipelines.oneroster import japan
from pipelines.oneroster.entity import Column, Entity
from pipelines.oneroster.manifest import Mode
from pipelines.staged.cells import Effect, Fault
from pipelines.staged.headers import METADATA_PREFIX, HeaderReading
from pipelines.staged.reading import position
from pipelines.staged.reporting import Report

# Recommendations: warned about in strict reading too.
NEVER_FAIL = frozenset(
    {*japan.Form, "jp_expected_blank", "jp_one_grade", "jp_half_width", "jp_extension_missing", "jp_delta"}
)


def report_file(entity: Entity, reading: HeaderReading, mode: Mode, report: Report) -> None:
    """What the profile says of the file as a whole: its extension columns, and that it is bulk."""
    present = _positions(reading)
    for spellings in japan.EXTENSIONS.get(entity.name, ()):
        if not any(name in present for name in spellings):
            report.note("jp_extension_missing", line=1, column=spellings[0])
    if mode is Mode.DELTA:
        report.note("jp_delta")


def japan_faults(entity: Entity, reading: HeaderReading) -> list[Fault]:
    """The profile's rules for the columns that the file has."""
    present = _positions(reading)
    faults = [_half_width(name, index) for name, index in present.items()]
    for name, index in reading.columns.items():
        faults += _column_faults(entity, entity.column(name), pl.col(position(index)).str.strip_chars())
    for one in japan.RECOMMENDATIONS:
        if one.entity == entity.name and one.column in present:
            cell = pl.col(position(present[one.column]))
            wrong = (cell != "") & ~cell.str.contains(one.pattern)
            faults.append(Fault(one.form.value, one.column, wrong, Effect.NOTE))
    for name in japan.EXPECTED.get(entity.name, ()):
        if name in present:
            blank = pl.col(position(present[name])).str.strip_chars() == ""
            faults.append(Fault("jp_expected_blank", name, blank, Effect.NOTE))
    return faults


def _positions(reading: HeaderReading) -> dict[str, int]:
    return {**reading.columns, **{METADATA_PREFIX + key: index for key, index in reading.metadata.items()}}


def _half_width(name: str, index: int) -> Fault:
    return Fault("jp_half_width", name, pl.col(position(index)).str.contains(japan.HALF_WIDTH_KANA), Effect.NOTE)


def _column_faults(entity: Entity, column: Column, cell: pl.Expr) -> list[Fault]:
    key, faults = (entity.name, column.name), []
    if key in japan.VOCABULARIES:
        faults.append(Fault("jp_vocabulary", column.name, _has_item_outside(cell, key), Effect.NOTE))
    if key in japan.FORBIDDEN:
        faults.append(Fault("jp_vocabulary", column.name, cell.is_in(list(japan.FORBIDDEN[key])), Effect.NOTE))
    if key in japan.MUST_BE_BLANK:
        faults.append(Fault("jp_must_be_blank", column.name, cell != "", Effect.NOTE))
    if key == ("users", "grades"):
        faults.append(Fault("jp_one_grade", column.name, cell.str.contains(","), Effect.NOTE))
    if column.name == "sourcedId":
        faults.append(Fault(japan.Form.ID.value, column.name, ~cell.str.contains(japan.UUID4), Effect.NOTE))
    return faults


def _has_item_outside(cell: pl.Expr, key: tuple[str, str]) -> pl.Expr:
    items = cell.str.split(",").list.eval(pl.element().str.strip_chars())
    terms = ["", *japan.VOCABULARIES[key].terms]
    return items.list.eval(~pl.element().is_in(terms)).list.any()
