"""The SQL of a plan. Names come from the declarations, quoted; values are always parameters.

Parameters: source; after, skip, limit for lists; sourced_id for one record; owners for embedded rows; value for a
collection's condition. Each statement is composed once per collection, and its text never varies with a value, so
that PostgreSQL keeps it prepared. Records are in the order of their keys: the primary key is (source, sourced_id).
"""

from functools import cache

from psycopg.sql import SQL, Composable, Identifier, Literal

from api.collections import Collection, Condition
from api.query import layout
from api.query.plan import Plan
from pipelines.contract import ACTIVE, METADATA, PUBLICATION, PUBLICATIONS, SOURCE, SOURCED_ID, STATUS
from pipelines.oneroster.entity import Column, Entity
from pipelines.oneroster.registry import BY_NAME

_RECORD = Identifier("t")

MOMENTS = SQL("SELECT id, moment FROM {} WHERE id = ANY(%(ids)s)").format(Identifier(PUBLICATIONS)).as_bytes()


def page(plan: Plan) -> bytes:
    """The records of a page."""
    return _page(plan.collection, plan.after is not None, plan.skip > 0)


@cache
def _page(collection: Collection, after: bool, skip: bool) -> bytes:
    statement = SQL("SELECT {selected} {rest} LIMIT %(limit)s")
    return statement.format(selected=_selected(collection.entity), rest=_ordered(collection, after, skip)).as_bytes()


def edge(plan: Plan) -> bytes:
    """At most two keys: the last of a page of `limit` records, and the one that comes after it.

    Only keys are walked, in the index. `before` is limit - 1.
    """
    return _edge(plan.collection, plan.after is not None, plan.skip > 0)


@cache
def _edge(collection: Collection, after: bool, skip: bool) -> bytes:
    statement = SQL("SELECT {key} {rest} OFFSET %(before)s LIMIT 2")
    return statement.format(key=_of(_RECORD, SOURCED_ID), rest=_ordered(collection, after, skip)).as_bytes()


@cache
def record(collection: Collection) -> bytes:
    """One record, if it is in the collection."""
    statement = SQL("SELECT {selected} FROM {table} t WHERE {within} AND {key} = %(sourced_id)s")
    return statement.format(
        selected=_selected(collection.entity),
        table=Identifier(collection.entity.table),
        within=_within(collection),
        key=_of(_RECORD, SOURCED_ID),
    ).as_bytes()


@cache
def total(collection: Collection) -> bytes:
    """How many records the collection has."""
    statement = SQL("SELECT count(*) FROM {table} t WHERE {within}")
    return statement.format(table=Identifier(collection.entity.table), within=_within(collection)).as_bytes()


@cache
def embedded(name: str) -> bytes:
    """The rows of the entity of that name which the records in `owners` show, in the order of their content.

    The order leaves ids for last: rows derived from another version of the standard have made-up ones.
    """
    row = Identifier("e")
    entity = BY_NAME[name]
    owner = layout.owner_column(entity)
    columns = [owner.field, SOURCED_ID, *(column.field for column in layout.served(entity))]
    order = [*(column.field for column in entity.stored), SOURCED_ID]
    statement = SQL(
        "SELECT {columns} FROM {table} e WHERE {source} = %(source)s AND {owner} = ANY(%(owners)s) AND {shown}"
        " ORDER BY {order}"
    )
    return statement.format(
        columns=_listed(row, columns),
        table=Identifier(entity.table),
        source=_of(row, SOURCE),
        owner=_of(row, owner.field),
        shown=_shown(entity, row),
        order=_listed(row, order),
    ).as_bytes()


def _ordered(collection: Collection, after: bool, skip: bool) -> Composable:
    """FROM … ORDER BY: the collection from the plan's start on."""
    start: Composable = SQL("")
    if after:
        start = SQL("AND t.sourced_id > %(after)s")
    elif skip:
        start = SQL("AND t.sourced_id >= ({})").format(_skipped(collection))
    statement = SQL("FROM {table} t WHERE {within} {start} ORDER BY t.sourced_id")
    return statement.format(table=Identifier(collection.entity.table), within=_within(collection), start=start)


def _skipped(collection: Collection) -> Composable:
    """The key after the first `skip`: an index-only scan, where OFFSET in the outer query would fetch wide rows."""
    statement = SQL("SELECT t.sourced_id FROM {table} t WHERE {within} ORDER BY t.sourced_id OFFSET %(skip)s LIMIT 1")
    return statement.format(table=Identifier(collection.entity.table), within=_within(collection))


def _selected(entity: Entity) -> Composable:
    head = [SQL("t.metadata::text") if name == METADATA else _of(_RECORD, name) for name in layout.RECORD]
    values = [_of(_RECORD, column.field) for column in layout.served(entity)]
    types = [_type_of(column) for column in layout.typed(entity)]
    return SQL(", ").join([*head, *values, *types])


def _type_of(column: Column) -> Composable:
    """The type of the record that a column of `t` refers to."""
    target = BY_NAME[column.to]
    statement = SQL("(SELECT r.{type} FROM {table} r WHERE r.source = t.source AND r.sourced_id = {reference})")
    return statement.format(
        type=Identifier(target.column("type").field),
        table=Identifier(target.table),
        reference=_of(_RECORD, column.field),
    )


def _within(collection: Collection) -> Composable:
    """The source's records that meet the collection's condition."""
    source = SQL("t.source = %(source)s")
    if collection.condition is None:
        return source
    return SQL("{} AND {}").format(source, _meets(collection.entity, collection.condition))


def _meets(entity: Entity, condition: Condition) -> Composable:
    if not condition.embedded:
        return SQL("t.{} = %(value)s").format(Identifier(entity.column(condition.column).field))
    rows = BY_NAME[condition.embedded]
    row = Identifier("e")
    statement = SQL(
        "EXISTS (SELECT FROM {table} e WHERE e.source = t.source AND {owner} = t.sourced_id"
        " AND {column} = %(value)s AND {shown})"
    )
    return statement.format(
        table=Identifier(rows.table),
        owner=_of(row, layout.owner_column(rows).field),
        column=_of(row, rows.column(condition.column).field),
        shown=_shown(rows, row),
    )


def _shown(entity: Entity, row: Identifier) -> Composable:
    """Whether an embedded row is shown: if it is active, or, where one is always due, none is and none ended later."""
    active = SQL("{} = {}").format(_of(row, STATUS), Literal(ACTIVE))
    if entity.embedding is None or not entity.embedding.always_some:
        return active
    owner = layout.owner_column(entity).field
    statement = SQL(
        "({active} OR NOT EXISTS (SELECT FROM {table} o WHERE o.source = {source} AND o.{owner} = {own}"
        " AND (o.status = {word} OR o.{publication} > {own_publication})))"
    )
    return statement.format(
        active=active,
        table=Identifier(entity.table),
        source=_of(row, SOURCE),
        owner=Identifier(owner),
        own=_of(row, owner),
        word=Literal(ACTIVE),
        publication=Identifier(PUBLICATION),
        own_publication=_of(row, PUBLICATION),
    )


def _of(row: Identifier, name: str) -> Composable:
    return SQL("{}.{}").format(row, Identifier(name))


def _listed(row: Identifier, names: list[str]) -> Composable:
    return SQL(", ").join(_of(row, name) for name in names)
