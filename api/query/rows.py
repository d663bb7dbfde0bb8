"""Fragments of SQL about single rows: their columns, and whether an embedded one is shown."""

from collections.abc import Sequence

from psycopg.sql import SQL, Composable, Identifier, Literal

from api.query import layout
from pipelines.contract import ACTIVE, PUBLICATION, SOURCE, SOURCED_ID, STATUS
from pipelines.oneroster.entity import Entity


def of(row: Identifier, name: str) -> Composable:
    """A column of the row that has that alias."""
    return SQL("{}.{}").format(row, Identifier(name))


def listed(row: Identifier, names: Sequence[str]) -> Composable:
    """Columns of a row, with commas between them."""
    return SQL(", ").join(of(row, name) for name in names)


def in_order(entity: Entity, row: Identifier) -> Composable:
    """The order of embedded rows: by what they say, ids last, since rows derived from 1.1 have made-up ones."""
    return listed(row, [*(column.field for column in entity.stored), SOURCED_ID])


def active(row: Identifier) -> Composable:
    """Whether the row is no tombstone."""
    return SQL("{} = {}").format(of(row, STATUS), Literal(ACTIVE))


def shown(entity: Entity, row: Identifier) -> Composable:
    """Whether an embedded row is shown: if it is active, or, where one is always due, none is and none ended later."""
    if entity.embedding is None or not entity.embedding.always_some:
        return active(row)
    owner = layout.owner_column(entity).field
    statement = SQL(
        "({active} OR NOT EXISTS (SELECT FROM {table} o WHERE o.source = {source} AND o.{owner} = {own}"
        " AND (o.status = {word} OR o.{publication} > {own_publication})))"
    )
    return statement.format(
        active=active(row),
        table=Identifier(entity.table),
        source=of(row, SOURCE),
        owner=Identifier(owner),
        own=of(row, owner),
        word=Literal(ACTIVE),
        publication=Identifier(PUBLICATION),
        own_publication=of(row, PUBLICATION),
    )
