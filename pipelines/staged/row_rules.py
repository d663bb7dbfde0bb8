"""Rules over several cells of one row, by entity. They read typed values under their frame names."""

import polars as pl

from pipelines.oneroster.entity import Entity, Kind
from pipelines.staged.cells import Effect, Fault

UUID = r"^(urn:uuid:)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

# (column that says when, column that says until, code)
SPANS = (
    ("startDate", "endDate", "dates_reversed"),
    ("beginDate", "endDate", "dates_reversed"),
    ("assignDate", "dueDate", "dates_reversed"),
    ("resultValueMin", "resultValueMax", "range_reversed"),
)


def row_rules(entity: Entity) -> tuple[Fault, ...]:
    """The rules that entity's columns call for."""
    names = {column.name for column in entity.content}
    rules = [_span(entity, *span) for span in SPANS if {span[0], span[1]} <= names]
    if {"subjects", "subjectCodes"} <= names:
        differ = pl.col("subjects").list.len() != pl.col("subject_codes").list.len()
        rules.append(Fault("subject_codes_differ", "subjectCodes", differ, Effect.NOTE))
    if "learningObjectiveId" in names:
        source = entity.column("source").field
        not_uuid = (pl.col(source) == "case") & ~pl.col("learning_objective_id").str.contains(UUID)
        rules.append(Fault("objective_not_uuid", "learningObjectiveId", not_uuid, Effect.REJECT))
    rules.extend(_repeated_items(entity))
    return tuple(rules)


def _span(entity: Entity, first: str, last: str, code: str) -> Fault:
    reversed_span = pl.col(entity.column(last).field) < pl.col(entity.column(first).field)
    return Fault(code, last, reversed_span, Effect.NOTE)


def _repeated_items(entity: Entity) -> list[Fault]:
    rules = []
    for column in entity.content:
        if column.kind is Kind.REFS:
            items = pl.col(column.field)
            repeated = items.list.n_unique() != items.list.len()
            rules.append(Fault("reference_repeated", column.name, repeated, Effect.NOTE))
        if column.kind is Kind.REFS and column.to == entity.name:
            own = pl.col(column.field).list.contains(pl.col("sourced_id"))
            rules.append(Fault("own_agent", column.name, own, Effect.NOTE))
    return rules
