"""Which records of an entity belong to an endpoint, as SQL: by type or role, and by the records that the path names.

Parameters: `source`, `value` for a collection's condition, `p0`, `p1` … for the ids in the path. Links between records
are taken from the declared references; they count while they are active (rulings, REST).
"""

from collections.abc import Iterator, Sequence

from psycopg.sql import SQL, Composable, Identifier, Literal, Placeholder

from api.collections import OWN, Collection, Condition, Endpoint
from api.query import layout
from api.query.relations import equals
from api.query.rows import active, of, shown
from pipelines.contract import SOURCE, SOURCED_ID
from pipelines.oneroster.entity import LISTS, Column, Entity
from pipelines.oneroster.registry import BY_NAME


def belongs(endpoint: Endpoint, row: Identifier) -> Composable:
    """The source's records that the endpoint leads to. Of nested ones the link says the role, not the record."""
    parts: list[Composable] = [SQL("{} = %(source)s").format(of(row, SOURCE)), *_linked(endpoint, row)]
    condition = endpoint.collection.condition
    if condition and not (endpoint.nested and condition.by_link):
        parts.append(meets(condition, endpoint.collection.entity, row))
    return SQL(" AND ").join(parts)


def meets(condition: Condition, entity: Entity, row: Identifier) -> Composable:
    """Whether the row, or one embedded in it that is shown, has the value."""
    if not condition.embedded:
        field, value = entity.column(condition.column).field, Literal(condition.value)
        return equals(entity, field, row, value) or SQL("{} = {}").format(of(row, field), value)
    rows, inner = BY_NAME[condition.embedded], Identifier("e")
    statement = SQL(
        "EXISTS (SELECT FROM {table} e"
        " WHERE e.source = {source} AND {owner} = {own} AND {column} = {value} AND {shown})"
    )
    return statement.format(
        table=Identifier(rows.table),
        source=of(row, SOURCE),
        owner=of(inner, layout.owner_column(rows).field),
        own=of(row, SOURCED_ID),
        column=of(inner, rows.column(condition.column).field),
        value=Literal(condition.value),
        shown=shown(rows, inner),
    )


def parent_within(endpoint: Endpoint, number: int, row: Identifier) -> Composable:
    """Whether the row is the record that the path names at that place: of its kind, and its parent's if it has one."""
    parent = endpoint.parents[number]
    named = SQL("{} = %(source)s AND {} = {}")
    parts: list[Composable] = [named.format(of(row, SOURCE), of(row, SOURCED_ID), Placeholder(f"p{number}"))]
    if parent.condition:
        parts.append(meets(parent.condition, parent.entity, row))
    if number and (column := _reference(parent.entity, endpoint.parents[number - 1].entity)):
        parts.append(_refers(row, column, Placeholder(f"p{number - 1}")))
    return SQL(" AND ").join(parts)


def _linked(endpoint: Endpoint, row: Identifier) -> Iterator[Composable]:
    """The links to the last parent, and to those before it that the last one does not refer to itself."""
    collection, parents = endpoint.collection, endpoint.parents
    for number, parent in enumerate(parents):
        is_last = number == len(parents) - 1
        if is_last or _reference(parents[number + 1].entity, parent.entity) is None:
            id = Placeholder(f"p{number}")
            ways = [_way(collection, parent, name, row, id) for name in endpoint.links(parent)]
            yield ways[0] if len(ways) == 1 else SQL("({})").format(SQL(" OR ").join(ways))


def _way(collection: Collection, parent: Collection, through: str, row: Identifier, id: Placeholder) -> Composable:
    """The record is linked by its own reference, by rows that name it, or by rows that it names itself."""
    if through == OWN:
        return _refers(row, _referring(collection.entity, parent.entity), id)
    link, inner = BY_NAME[through], Identifier("l")
    to_child = _reference(link, collection.entity)
    own = SOURCED_ID if to_child else _referring(collection.entity, link).field
    return SQL("{own} = ANY (ARRAY (SELECT {found} FROM {table} l WHERE l.source = %(source)s AND {met}))").format(
        own=of(row, own),
        found=_ids(inner, to_child) if to_child else of(inner, SOURCED_ID),
        table=Identifier(link.table),
        met=SQL(" AND ").join(_link_conditions(link, inner, parent, collection, id)),
    )


def _link_conditions(
    link: Entity, row: Identifier, parent: Collection, collection: Collection, id: Placeholder
) -> Iterator[Composable]:
    """The link leads to the parent, is active, and has the role that the path's names speak of."""
    if link is parent.entity:  # the parent's own list
        yield SQL("{} = {}").format(of(row, SOURCED_ID), id)
        return
    yield _refers(row, _referring(link, parent.entity), id)
    yield active(row)
    for condition in (collection.condition, parent.condition):
        if condition and condition.by_link and condition.column in link.header:
            yield SQL("{} = {}").format(of(row, link.column(condition.column).field), Literal(condition.value))


def _reference(entity: Entity, target: Entity) -> Column | None:
    """The entity's own reference to another."""
    return next((column for column in entity.references if column.to == target.name), None)


def _referring(entity: Entity, target: Entity) -> Column:
    column = _reference(entity, target)
    if column is None:
        raise ValueError(f"{entity.name} does not refer to {target.name}")
    return column


def _refers(row: Identifier, column: Column, id: Placeholder) -> Composable:
    if column.kind in LISTS:
        return SQL("{} @> ARRAY[{}]::text[]").format(of(row, column.field), id)
    return SQL("{} = {}").format(of(row, column.field), id)


def _ids(row: Identifier, column: Column) -> Composable:
    return SQL("unnest({})").format(of(row, column.field)) if column.kind in LISTS else of(row, column.field)


def parameters(ids: Sequence[str]) -> dict[str, str]:
    """The parameters of the ids in a path."""
    return {f"p{number}": id for number, id in enumerate(ids)}
