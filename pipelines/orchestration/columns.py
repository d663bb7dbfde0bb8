"""What the Columns tab and the descriptions of assets say: a reading of the declarations, nothing typed twice."""

from collections.abc import Mapping

import dagster as dg

from pipelines import contract
from pipelines.oneroster.entity import Column, Entity, Kind
from pipelines.oneroster.registry import owner_of

_SHOWN_TERMS = 20


def schema(entity: Entity, types: Mapping[Kind, object]) -> dg.TableSchema:
    """The columns of an entity's rows. `types` says what each kind is where the rows lie (parquet, PostgreSQL)."""
    kept = [column for column in entity.columns if column.kind is not Kind.SECRET]
    return dg.TableSchema(columns=[_column(column, types) for column in kept])


def _column(column: Column, types: Mapping[Kind, object]) -> dg.TableColumn:
    constraints = dg.TableColumnConstraints(
        nullable=not column.required, unique=column.kind is Kind.ID, other=_constraints(column)
    )
    return dg.TableColumn(
        name=contract.SENT_DATE if column.kind is Kind.DATETIME else column.field,
        type=str(types[column.kind]).removesuffix(' COLLATE "C"'),
        description=_meaning(column),
        constraints=constraints,
    )


def _meaning(column: Column) -> str:
    shown = f"`{column.name}` in CSV, "
    return shown + (f"`{column.json}` in REST" if column.json else "not shown in REST")


def _constraints(column: Column) -> list[str]:
    found = []
    if column.vocabulary:
        terms = column.vocabulary.terms
        found.append("one of " + ", ".join(terms[:_SHOWN_TERMS]) + (", ext:…" if column.vocabulary.extensible else ""))
    if column.to:
        found.append(f"refers to {column.to}")
    return found


def staged_description(entity: Entity) -> str:
    """What the staged asset of an entity is."""
    core = " A core file: a bulk bundle without it would empty the hub." if entity.core else ""
    return f"`{entity.name}.csv` of the bundle, read: typed rows that were accepted, rows that were not, and why.{core}"


def roster_description(entity: Entity) -> str:
    """What the published asset of an entity is."""
    owner = owner_of(entity)
    served = f"`/{entity.name}`" if owner is None else f"`{owner.name}` ({entity.embedding.json})"  # type: ignore[union-attr]
    return f"Table `{entity.table}` of the {entity.service} service: what the API serves as {served}."
