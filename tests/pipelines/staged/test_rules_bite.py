"""Every rule of every entity is proven to bite: one cell is broken, and exactly its rule fires.

The broken cells come from one table per kind; a rule that no broken cell fires fails the test, so that a new rule needs
its counterexample here.
"""

import csv
from pathlib import Path

import polars as pl
import pytest

from pipelines.oneroster import v1p1
from pipelines.oneroster.entity import REFERENCES, Column, Entity, Kind
from pipelines.oneroster.manifest import Mode, Version
from pipelines.oneroster.registry import ENTITIES
from pipelines.staged.headers import read_columns
from pipelines.staged.reading import read
from pipelines.staged.reporting import Report
from pipelines.staged.rows import TypedRows, typed_rows
from tests.pipelines.district import ROWS

Broken = tuple[dict[str, str], str, str]  # cells, code, column

BREAKS: dict[Kind, list[tuple[str, str]]] = {
    Kind.ID: [("", "id_blank"), ("x" * 256, "id_unusable"), ("a b", "id_characters")],
    Kind.TEXT: [],
    Kind.SECRET: [],
    Kind.ENUM: [("nonsense", "enum_unknown")],
    Kind.BOOLEAN: [("1", "boolean_unknown"), ("TRUE", "enum_case")],
    Kind.DATE: [("2026-02-30", "date_unusable"), ("01/02/2026", "date_unusable")],
    Kind.DATETIME: [("yesterday", "datetime_unusable"), ("2026-01-01T00:00:00+09:00", "datetime_form")],
    Kind.YEAR: [("26", "year_unusable"), ("2025-2026", "year_span")],
    Kind.INTEGER: [("4.5", "number_unusable")],
    Kind.FLOAT: [("NaN", "number_unusable"), ("one", "number_unusable")],
    Kind.WORDS: [("a,,b", "list_untidy")],
    Kind.ENUMS: [("nonsense", "enum_unknown"), ("STUDENT", "enum_case"), ("student,", "list_untidy")],
    Kind.PAIRS: [("no-braces", "pairs_unusable"), ("{a:b},", "list_untidy")],
    Kind.REF: [],
    Kind.REFS: [("x,,y", "list_untidy"), ("x,x", "reference_repeated")],
}
SEVERAL_CELLS: dict[str, list[Broken]] = {
    "academicSessions": [({"endDate": "2000-01-01"}, "dates_reversed", "endDate")],
    "roles": [({"beginDate": "2026-01-01", "endDate": "2000-01-01"}, "dates_reversed", "endDate")],
    "enrollments": [({"beginDate": "2026-01-01", "endDate": "2000-01-01"}, "dates_reversed", "endDate")],
    "lineItems": [
        ({"dueDate": "2000-01-01"}, "dates_reversed", "dueDate"),
        ({"resultValueMin": "9", "resultValueMax": "8"}, "range_reversed", "resultValueMax"),
    ],
    "courses": [({"subjects": "a,b", "subjectCodes": "1"}, "subject_codes_differ", "subjectCodes")],
    "classes": [({"subjects": "a,b", "subjectCodes": "1"}, "subject_codes_differ", "subjectCodes")],
    "lineItemLearningObjectiveIds": [
        ({"source": "case", "learningObjectiveId": "x"}, "objective_not_uuid", "learningObjectiveId")
    ],
    "resultLearningObjectiveIds": [
        ({"source": "case", "learningObjectiveId": "x"}, "objective_not_uuid", "learningObjectiveId")
    ],
}
LIFECYCLE = ("status", "dateLastModified")


def broken_cells(entity: Entity, column: Column) -> list[Broken]:
    """Ways to break one column."""
    found = [({column.name: value}, code, column.name) for value, code in BREAKS[column.kind]]
    if column.kind is Kind.DATE:
        found.append((_unlikely_date(column), "date_unlikely", column.name))
    if column.kind is Kind.TEXT and column.lookup:
        found.append(({column.name: "é" * 513}, "text_long", column.name))
    if column.required and column.kind is not Kind.ID:
        found.append(({column.name: ""}, "required_blank", column.name))
    if column.kind is Kind.ENUM and column.vocabulary and column.name != "status":
        found.append(({column.name: column.vocabulary.terms[-1].upper()}, "enum_case", column.name))
    if column.kind not in (Kind.TEXT, Kind.SECRET):
        sound = base_row(entity, Mode.BULK).get(column.name) or _sound(entity, column)
        found.append(({column.name: " " + sound}, "spaces_trimmed", column.name))
    if column.kind in REFERENCES and not column.required:
        found.append(({column.name: "NULL"}, "null_word", column.name))
    if column.kind is Kind.REFS and column.to == entity.name:
        found.append(({"sourcedId": "me", column.name: "me"}, "own_agent", column.name))
    return found


def _unlikely_date(column: Column) -> dict[str, str]:
    """A date of another age that is still in order with the other end of its span."""
    ends = {"endDate", "dueDate"}
    return {column.name: "2201-01-01" if column.name in ends else "1899-01-01"}


def _sound(entity: Entity, column: Column) -> str:
    """A value of that column that breaks nothing."""
    sound = {
        Kind.ID: "x", Kind.BOOLEAN: "true", Kind.DATE: "2025-10-01", Kind.YEAR: "2026", Kind.INTEGER: "1",
        Kind.FLOAT: "5", Kind.WORDS: "a", Kind.ENUMS: "student", Kind.PAIRS: "{a:b}", Kind.REF: "x", Kind.REFS: "x",
        Kind.DATETIME: "2026-01-01T00:00:00.000Z",
    }  # fmt: skip
    if column.kind is Kind.ENUM and column.vocabulary:
        return column.vocabulary.terms[-1]
    if column.kind is Kind.REFS and entity.name == "users":
        return "somebody"
    return sound[column.kind]


def base_row(entity: Entity, mode: Mode) -> dict[str, str]:
    """A row that breaks nothing, of the 1.2 or the 1.1 layout, with no optional span or list that could interfere."""
    row = {key: value for key, value in ROWS[entity.name][0].items() if key in entity.header}
    row |= {"subjects": "", "subjectCodes": ""} if "subjects" in entity.header else {}
    for column in entity.content:
        if column.required and not row.get(column.name):
            row[column.name] = _sound(entity, column)
    lifecycle = {"status": "active", "dateLastModified": "2026-01-01T00:00:00.000Z"}
    return row | (lifecycle if mode is Mode.DELTA else {})


def typed(entity: Entity, rows: list[dict[str, str]], mode: Mode, folder: Path) -> TypedRows:
    path = folder / f"{entity.name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, entity.header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    raw = read(path, folder)
    report = Report(path.name)
    reading = read_columns(entity, raw.header, mode, Version.V1P2, report)
    assert not report.findings
    return typed_rows(entity, raw, reading, mode)


def fired(rows: TypedRows) -> list[set[str]]:
    """The names of the faults of each row, by row."""
    frame = rows.frame.collect()
    names = [fault.name for fault in rows.faults]
    return [{name for name in names if row[name]} for row in frame.sort("line").iter_rows(named=True)]


def cases(entity: Entity, mode: Mode) -> list[Broken]:
    found = [one for column in entity.columns if column.name not in LIFECYCLE for one in broken_cells(entity, column)]
    found += [one for one in SEVERAL_CELLS.get(entity.name, []) if set(one[0]) <= set(entity.header)]
    if mode is Mode.BULK:
        return [*found, ({"status": "active"}, "lifecycle_filled", "status")]
    return [
        *found,
        ({"status": ""}, "delta_lifecycle_blank", "status"),
        ({"status": "inactive"}, "enum_unknown", "status"),
        ({"status": "Active"}, "enum_case", "status"),
        ({"status": " active"}, "spaces_trimmed", "status"),
        ({"dateLastModified": ""}, "delta_lifecycle_blank", "dateLastModified"),
        ({"dateLastModified": "yesterday"}, "datetime_unusable", "dateLastModified"),
        ({"dateLastModified": "2026-01-01"}, "datetime_form", "dateLastModified"),
        ({"dateLastModified": " 2026-01-01T00:00:00Z"}, "spaces_trimmed", "dateLastModified"),
    ]


@pytest.mark.parametrize("entity", [*ENTITIES, v1p1.BY_NAME["users"], v1p1.BY_NAME["lineItems"]], ids=lambda e: e.name)
@pytest.mark.parametrize("mode", [Mode.BULK, Mode.DELTA])
def test_exactly_the_broken_rule_fires(entity: Entity, mode: Mode, tmp_path: Path) -> None:
    broken = cases(entity, mode)
    base = base_row(entity, mode)
    rows = typed(entity, [base, *({**base, **cells} for cells, _, _ in broken)], mode, tmp_path)
    got = fired(rows)
    assert got[0] == set(), "the base row breaks nothing"
    for (cells, code, column), names in zip(broken, got[1:], strict=True):
        assert names == {f"{code}|{column}"}, (entity.name, cells)
    shape = {"cells_missing", "cells_surplus", "cells_surplus_empty"}
    unproven = {fault.name for fault in rows.faults if fault.code not in shape} - set().union(*got)
    if mode is Mode.DELTA:
        assert unproven == set(), "rules that no broken cell fires"


def test_every_kind_can_be_broken_here() -> None:
    assert set(BREAKS) == set(Kind)


def test_values_of_every_kind_are_typed(tmp_path: Path) -> None:
    entity = next(one for one in ENTITIES if one.name == "lineItems")
    frame = typed(entity, [base_row(entity, Mode.BULK)], Mode.BULK, tmp_path).frame.collect()
    assert frame.schema["assign_date"] == pl.Date
    assert frame["result_value_max"].to_list() == [10.5]
