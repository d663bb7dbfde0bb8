"""The SQL of a plan. Names come from the declarations, quoted; values are always parameters.

Parameters: source; those of the plan; after and after_value, skip, limit or before for pages; sourced_id for one
record; owners for embedded rows; orgs for clients limited to organisations. A statement's text depends on the shape of
a query and never on a value, so it is composed once and PostgreSQL keeps it prepared. The primary key is (source,
sourced_id): pages in the default order walk it.
"""

from functools import cache, lru_cache
from typing import Literal

from psycopg.sql import SQL, Composable, Identifier

from api.collections import Endpoint
from api.query import layout, membership, predicates
from api.query.cursors import Order
from api.query.plan import Plan
from api.query.predicates import RECORD, Where
from api.query.relations import relation
from api.query.rows import in_order, listed, of, shown
from api.query.visibility import visible
from pipelines.contract import METADATA, PUBLICATIONS, SOURCE, SOURCED_ID, TOTALS
from pipelines.oneroster.entity import Column, Entity
from pipelines.oneroster.registry import BY_NAME

# Which records of an order: all, or those with a value to order by, which come first, or those without.
Phase = Literal["all", "valued", "blank"]

# Where a page begins: with the first record, after a key, at an offset, or at an offset that is counted from a key.
Begin = Literal["first", "key", "offset", "offset from key"]

# How a page is found whose records are few: all of them are fetched and sorted, or their ids are known already, in
# `few`. PostgreSQL may not know how few they are, and would walk the primary key until a page is full.
Few = Literal["no", "sorted", "known"]

_SHAPES = 5_000  # composed statements that are kept; clients make up shapes

MOMENTS = SQL("SELECT id, moment FROM {} WHERE id = ANY(%(ids)s)").format(Identifier(PUBLICATIONS)).as_bytes()

# What was counted when the generation was published; nothing if it was not.
COUNTED = (
    SQL("SELECT records FROM {} WHERE source = %(source)s AND entity = %(entity)s AND generation = %(generation)s")
    .format(Identifier(TOTALS))
    .as_bytes()
)


def page(plan: Plan, phase: Phase, limited: bool, few: Few = "no") -> bytes:
    """The records of a page. With an order, each row ends with the value that it is ordered by."""
    return _page(plan.endpoint, plan.where, plan.order, phase, _begin(plan, phase), limited, few)


def _begin(plan: Plan, phase: Phase) -> Begin:
    if plan.after is None or (phase == "blank" and plan.after.value is not None):
        return "offset" if plan.skip else "first"
    return "offset from key" if plan.skip else "key"


@lru_cache(_SHAPES)
def _page(
    endpoint: Endpoint, where: Where, order: Order | None, phase: Phase, begin: Begin, limited: bool, few: Few
) -> bytes:
    found = SQL("{} {}").format(_found(endpoint, where, limited), _phase(order, phase, limited))
    if few == "known":
        found = SQL("{} AND t.sourced_id = ANY (%(few)s)").format(found)
    walks = order is None and few == "no"
    if begin in ("key", "offset from key"):
        found = SQL("{} {}").format(found, _after(order, phase, limited))
    skips = begin in ("offset", "offset from key")
    if skips and walks:
        found = SQL("{} {}").format(found, _skipped(found))
    return (
        SQL("SELECT {selected} {found} ORDER BY {order} {offset} LIMIT %(limit)s")
        .format(
            selected=_selected(endpoint.collection.entity, order, limited),
            found=SQL("FROM (SELECT t.* {} OFFSET 0) t").format(found) if few == "sorted" else found,
            order=_directed(order, limited),
            offset=SQL("OFFSET %(skip)s") if skips and not walks else SQL(""),
        )
        .as_bytes()
    )


def edge(plan: Plan, limited: bool) -> bytes:
    """At most two keys, each (sourcedId, value): of the last record of a page, and of the one that comes after it.

    Only keys are walked, in the default order in the index. `before` is how many come before the first of the two.
    """
    return _edge(plan.endpoint, plan.where, plan.order, _rest(plan), limited)


@lru_cache(_SHAPES)
def _edge(endpoint: Endpoint, where: Where, order: Order | None, rest: Phase | None, limited: bool) -> bytes:
    return (
        SQL("SELECT {key}, {value} {found} {start} ORDER BY {order} OFFSET %(before)s LIMIT 2")
        .format(
            key=of(RECORD, SOURCED_ID),
            value=SQL("NULL") if order is None else predicates.value(order.path, limited),
            found=_found(endpoint, where, limited),
            start=_after(order, rest, limited) if rest else SQL(""),
            order=_directed(order, limited, mixed=True),
        )
        .as_bytes()
    )


@lru_cache(_SHAPES)
def total(endpoint: Endpoint, where: Where, limited: bool) -> bytes:
    """How many records there are."""
    return SQL("SELECT count(*) {}").format(_found(endpoint, where, limited)).as_bytes()


@lru_cache(_SHAPES)
def ids(endpoint: Endpoint, where: Where, limited: bool) -> bytes:
    """The ids of what is found, in no order, at most `most` of them."""
    return SQL("SELECT t.sourced_id {} LIMIT %(most)s").format(_found(endpoint, where, limited)).as_bytes()


@lru_cache(_SHAPES)
def valued(endpoint: Endpoint, where: Where, order: Order, limited: bool) -> bytes:
    """How many of them have a value to order by."""
    found, phase = _found(endpoint, where, limited), _phase(order, "valued", limited)
    return SQL("SELECT count(*) {} {}").format(found, phase).as_bytes()


def left(plan: Plan, limited: bool) -> bytes:
    """How many records come after the plan's key."""
    return _left(plan.endpoint, plan.where, plan.order, _rest(plan) or "all", limited)


@lru_cache(_SHAPES)
def _left(endpoint: Endpoint, where: Where, order: Order | None, rest: Phase, limited: bool) -> bytes:
    found, after = _found(endpoint, where, limited), _after(order, rest, limited)
    return SQL("SELECT count(*) {} {}").format(found, after).as_bytes()


@cache
def record(endpoint: Endpoint, limited: bool) -> bytes:
    """One record, if it is in the collection."""
    statement = SQL("SELECT {selected} {found} AND {key} = %(sourced_id)s")
    selected = _selected(endpoint.collection.entity, None, limited)
    return statement.format(
        selected=selected, found=_found(endpoint, (), limited), key=of(RECORD, SOURCED_ID)
    ).as_bytes()


@cache
def parents(endpoint: Endpoint, limited: bool) -> bytes:
    """For each record that the path names, whether it is there."""
    row = Identifier("t")
    found = []
    for number, parent in enumerate(endpoint.parents):
        met = membership.parent_within(endpoint, number, row)
        seen = visible(parent.entity, row) if limited else SQL("true")
        statement = SQL("EXISTS (SELECT FROM {} t WHERE {} AND {})")
        found.append(statement.format(relation(parent.entity), met, seen))
    return SQL("SELECT {}").format(SQL(", ").join(found)).as_bytes()


@cache
def embedded(name: str) -> bytes:
    """The rows of the entity of that name which the records in `owners` show, in the order of their content.

    `owners` is a JSON array: psycopg takes a third of the query's time to write one of PostgreSQL's.
    """
    row = Identifier("e")
    entity = BY_NAME[name]
    owner = layout.owner_column(entity)
    columns = [owner.field, SOURCED_ID, *(column.field for column in layout.served(entity))]
    statement = SQL(
        "SELECT {columns} FROM {table} e WHERE {source} = %(source)s AND {shown}"
        " AND {owner} = ANY (ARRAY (SELECT json_array_elements_text(%(owners)s::json)))"
        " ORDER BY {order}"
    )
    return statement.format(
        columns=listed(row, columns),
        table=Identifier(entity.table),
        source=of(row, SOURCE),
        owner=of(row, owner.field),
        shown=shown(entity, row),
        order=in_order(entity, row),
    ).as_bytes()


@cache
def is_empty(name: str) -> bytes:
    """Whether the source has no rows of the entity of that name."""
    statement = SQL("SELECT NOT EXISTS (SELECT FROM {} WHERE source = %(source)s)")
    return statement.format(Identifier(BY_NAME[name].table)).as_bytes()


def _found(endpoint: Endpoint, where: Where, limited: bool) -> Composable:
    """FROM … WHERE: the endpoint's records that meet the filter and that the client may see."""
    parts = [membership.belongs(endpoint, RECORD)]
    parts += [predicates.where(where, limited)] if where else []
    parts += [visible(endpoint.collection.entity, RECORD)] if limited else []
    return SQL("FROM {} t WHERE {}").format(relation(endpoint.collection.entity), SQL(" AND ").join(parts))


def _phase(order: Order | None, phase: Phase, limited: bool) -> Composable:
    if order is None or phase == "all":
        return SQL("")
    test = SQL("AND {} IS NOT NULL") if phase == "valued" else SQL("AND {} IS NULL")
    return test.format(predicates.value(order.path, limited))


def _rest(plan: Plan) -> Phase | None:
    """What there is after the plan's key, both phases in one; None if it has no key."""
    if plan.after is None:
        return None
    return "blank" if plan.has_blanks and plan.after.value is None else "all"


def _after(order: Order | None, phase: Phase, limited: bool) -> Composable:
    """What comes after a key. Within a phase an index finds it; among all records with blanks only a walk does."""
    if order is None:
        return SQL("AND t.sourced_id > %(after)s")
    value, sign = predicates.value(order.path, limited), SQL("<") if order.descending else SQL(">")
    if phase == "blank":
        return SQL("AND {} IS NULL AND t.sourced_id {} %(after)s").format(value, sign)
    later = SQL("({value}, t.sourced_id) {sign} (%(after_value)s, %(after)s)").format(value=value, sign=sign)
    if phase == "all" and order.has_blanks:
        return SQL("AND ({} OR {} IS NULL)").format(later, value)
    return SQL("AND {}").format(later)


def _skipped(found: Composable) -> Composable:
    """From the key after the first `skip` on: an index-only scan, where OFFSET outside would fetch wide rows."""
    skipped = SQL("AND t.sourced_id >= (SELECT t.sourced_id {} ORDER BY t.sourced_id OFFSET %(skip)s LIMIT 1)")
    return skipped.format(found)


def _directed(order: Order | None, limited: bool, *, mixed: bool = False) -> Composable:
    """`mixed`: with and without a value together. Only then is NULLS LAST said: no index has that order."""
    if order is None:
        return SQL("t.sourced_id")
    way = SQL(" DESC") if order.descending else SQL("")
    blanks = SQL(" NULLS LAST") if order.descending and mixed else SQL("")
    return SQL("{value}{way}{blanks}, t.sourced_id{way}").format(
        value=predicates.value(order.path, limited), way=way, blanks=blanks
    )


def _selected(entity: Entity, order: Order | None, limited: bool) -> Composable:
    head = [SQL("t.metadata::text") if name == METADATA else of(RECORD, name) for name in layout.RECORD]
    values = [of(RECORD, column.field) for column in layout.served(entity)]
    types = [_type_of(column) for column in layout.typed(entity)]
    ordered = [predicates.value(order.path, limited)] if order else []
    return SQL(", ").join([*head, *values, *types, *ordered])


def _type_of(column: Column) -> Composable:
    """The type of the record that a column of `t` refers to."""
    target = BY_NAME[column.to]
    statement = SQL("(SELECT r.{type} FROM {table} r WHERE r.source = t.source AND r.sourced_id = {reference})")
    return statement.format(
        type=Identifier(target.column("type").field),
        table=Identifier(target.table),
        reference=of(RECORD, column.field),
    )
