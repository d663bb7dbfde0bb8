"""Tombstones that clients have had time to see are removed: 90 days after, and never while an active record refers to
them (rulings, "Tombstones"). A purge changes what is served, so it belongs to a publication.
"""

import psycopg
from psycopg import sql

from pipelines import contract
from pipelines.oneroster.entity import Column, Entity, Kind
from pipelines.oneroster.registry import BY_NAME, ENTITIES, owner_of, references_to

TOMBSTONE_DAYS = 90

_OLD = sql.SQL(
    "record.source = %(source)s AND record.status = %(tombstone)s AND record.publication_id IN"
    " (SELECT id FROM publications WHERE source = %(source)s AND moment < now() - make_interval(days => %(days)s))"
)


def purge(connection: psycopg.Connection, source: str, days: int = TOMBSTONE_DAYS) -> dict[str, list[str]]:
    """Remove the source's tombstones that are due; their ids, by entity. Records go before the rows that they embed."""
    values = {"source": source, "tombstone": contract.TOMBSTONE, "days": days, "active": contract.ACTIVE}
    records = [entity for entity in reversed(ENTITIES) if entity.embedding is None]
    embedded = [entity for entity in ENTITIES if entity.embedding is not None]
    removed = {}
    for entity in [*records, *embedded]:
        statement = sql.SQL("DELETE FROM {} AS record WHERE {} RETURNING sourced_id")
        statement_of = statement.format(sql.Identifier(entity.table), _due(entity))
        if ids := [id for (id,) in connection.execute(statement_of, values)]:
            removed[entity.name] = ids
    return removed


def is_due(connection: psycopg.Connection, source: str, days: int = TOMBSTONE_DAYS) -> bool:
    """Whether a purge would remove anything."""
    values = {"source": source, "tombstone": contract.TOMBSTONE, "days": days, "active": contract.ACTIVE}
    for entity in ENTITIES:
        query = sql.SQL("SELECT EXISTS (SELECT FROM {} AS record WHERE {})")
        found = connection.execute(query.format(sql.Identifier(entity.table), _due(entity)), values).fetchone()
        if found and found[0]:
            return True
    return False


def _due(entity: Entity) -> sql.Composable:
    """True for tombstones of the entity that are old enough and that nothing holds."""
    owner = owner_of(entity)
    if owner is not None:
        return _OLD + _unless_owned(entity, owner)
    holders = [_unless_named(referrer, column) for referrer, column in references_to(entity)]
    holders += [_unless_same_id(one) for one in ENTITIES if one.id_to == entity.name]
    return sql.SQL("").join([_OLD, *holders])


def _unless_owned(entity: Entity, owner: Entity) -> sql.Composable:
    """A record that is left without any of its embedded rows may not be shown (a user needs a role), so they stay as
    long as it does."""
    assert entity.embedding is not None  # noqa: S101  it has an owner
    field = entity.column(entity.embedding.owner).field
    return sql.SQL(
        " AND NOT EXISTS (SELECT FROM {} AS owner WHERE owner.source = record.source AND owner.sourced_id = record.{})"
    ).format(sql.Identifier(BY_NAME[owner.name].table), sql.Identifier(field))


def _unless_named(referrer: Entity, column: Column) -> sql.Composable:
    name = sql.SQL("holder.{}").format(sql.Identifier(column.field))
    named = "{} @> ARRAY[record.sourced_id]" if column.kind is Kind.REFS else "{} = record.sourced_id"
    return _unless_held(referrer, sql.SQL(named).format(name))


def _unless_same_id(holder: Entity) -> sql.Composable:
    return _unless_held(holder, sql.SQL("holder.sourced_id = record.sourced_id"))


def _unless_held(holder: Entity, condition: sql.Composable) -> sql.Composable:
    return sql.SQL(
        " AND NOT EXISTS (SELECT FROM {} AS holder WHERE holder.source = record.source"
        " AND holder.status = %(active)s AND {})"
    ).format(sql.Identifier(holder.table), condition)
