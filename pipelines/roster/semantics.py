"""Remarks on what judged rows say together: they are published all the same (rulings, "Values", "Deleted user").

Strict reading makes each of them an error.
"""

import polars as pl

from pipelines import contract
from pipelines.findings import Severity, finding
from pipelines.oneroster.entity import Column, Entity, Kind
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.roster.judgement import IS_TOMBSTONE, Judgement

# (entity, reference, entity it leads to, the type that a target should have, code)
EXPECTED_TYPES = (
    ("classes", "schoolSourcedId", "orgs", "school", "class_at_district"),
    ("enrollments", "schoolSourcedId", "orgs", "school", "class_at_district"),
    ("courses", "schoolYearSourcedId", "academicSessions", "schoolYear", "course_in_term"),
)


def remark(judgement: Judgement) -> None:
    """Add the remarks to the judgement's findings."""
    for name, reference, target, expected, code in EXPECTED_TYPES:
        if name in judgement.rows:
            _remark_type(judgement, BY_NAME[name].column(reference), BY_NAME[name], target, expected, code)
    if "roles" in judgement.rows:
        _remark_roles(judgement)
    for entity in ENTITIES:
        for column in entity.references if entity.name in judgement.rows else ():
            if column.required and column.kind is Kind.REF:
                _remark_deleted(judgement, entity, column)
    for entity in ENTITIES:
        if entity.name in judgement.rejected and (kept := len(judgement.kept_previous(entity))):
            judgement.findings.append(finding("kept_previous", Severity.WARNING, f"{entity.name}.csv", count=kept))


def _remark_type(judgement: Judgement, column: Column, entity: Entity, target: str, expected: str, code: str) -> None:
    types = judgement.values(target, "type")
    of_the_standard = ~pl.col("type").str.starts_with("ext:")
    others = types.filter((pl.col("type") != expected) & of_the_standard)[contract.SOURCED_ID]
    _remark_rows(judgement, entity, column.name, code, pl.col(column.field).is_in(others.implode()))


def _remark_roles(judgement: Judgement) -> None:
    """One primary role per user and org; a secondary role only beside a primary one (stored ones count in delta)."""
    roles, active = BY_NAME["roles"], ~IS_TOMBSTONE
    primary = active & (pl.col("role_type") == "primary")
    per_org = primary.sum().over("user_sourced_id", "org_sourced_id")
    _remark_rows(judgement, roles, "roleType", "primary_roles_doubled", primary & (per_org > 1))
    if judgement.mode("roles") is Mode.BULK:
        lacking = primary.any().over("user_sourced_id").not_()
        _remark_rows(judgement, roles, "roleType", "secondary_without_primary", active & lacking)


def _remark_deleted(judgement: Judgement, entity: Entity, column: Column) -> None:
    deleted = _deleted(judgement, column.to)
    if len(deleted):
        named = ~IS_TOMBSTONE & pl.col(column.field).is_in(deleted.implode())
        _remark_rows(judgement, entity, column.name, "target_deleted", named)


def _deleted(judgement: Judgement, target: str) -> pl.Series:
    """Ids of that entity that are tombstones after this package."""
    status = judgement.values(target, contract.STATUS)
    return status.filter(pl.col(contract.STATUS) == contract.TOMBSTONE)[contract.SOURCED_ID]


def _remark_rows(judgement: Judgement, entity: Entity, column: str, code: str, when: pl.Expr) -> None:
    """One finding for all rows of which it is true, shown by the first."""
    declared = entity.column(column)
    rows = judgement.rows[entity.name].filter(when.fill_null(False)).select("line", declared.field).collect()
    judgement.tell(code, entity, declared, rows, examples=1)
