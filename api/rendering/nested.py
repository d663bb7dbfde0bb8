"""The rows that REST shows inside another record, in the four shapes that an Embedding can have.

A nester takes an owner's rows, at least one, and gives the value of the owner's property.
"""

from collections.abc import Callable, Sequence
from typing import Any

from api.database import Row
from api.query import layout
from api.rendering import values
from pipelines.oneroster.entity import Column, Embedding, Entity, Shape
from pipelines.oneroster.registry import BY_NAME

Shown = dict[str, Any]
Nester = Callable[[Sequence[Row]], Any]


class Maker:
    """Adds the properties of some columns of an entity to an object."""

    def __init__(self, entity: Entity, columns: Sequence[Column], urls: values.Urls) -> None:
        self._parts = tuple(
            (layout.place(entity, column), *_property(column), values.converter(column, urls), column.json_always)
            for column in columns
        )

    def into(self, shown: Shown, row: Row) -> Shown:
        """The object with them. Absent values and empty lists are left out, unless REST insists on the property."""
        for place, outer, name, convert, always in self._parts:
            value = row[place]
            if value is None or value == []:
                if always:
                    shown[name] = ""
                continue
            target = shown.setdefault(outer, [{}])[0] if outer else shown
            target[name] = value if convert is None else convert(value)
        return shown


def _property(column: Column) -> tuple[str, str]:
    """("", property), or for `credentials.type` the list of one object that holds it, and the property there."""
    outer, _, name = column.json.rpartition(".")
    return outer, name


def nester(entity: Entity, urls: values.Urls) -> Nester:
    """What makes the owner's property of that entity's rows."""
    if entity.embedding is None:
        raise ValueError(f"{entity.name} is not embedded in anything")
    return SHAPES[entity.embedding.shape](entity, entity.embedding, urls)


def linked_at(entity: Entity) -> int:
    """Where the rows of a link entity hold the id that they link to: the only value of theirs that is served."""
    (column,) = layout.served(entity)
    return layout.place(entity, column)


def linked_reference(entity: Entity, urls: values.Urls) -> Callable[[str], values.GuidRef]:
    """What makes a GUIDRef of that id."""
    (column,) = layout.served(entity)
    return values.reference(BY_NAME[column.to], urls)


def _objects(entity: Entity, embedding: Embedding, urls: values.Urls) -> Nester:
    make = Maker(entity, layout.served(entity), urls)
    id_json = embedding.id_json

    def shown(row: Row) -> Shown:
        return make.into({id_json: values.uri(row[layout.EMBEDDED_ID_AT])} if id_json else {}, row)

    return lambda rows: [shown(row) for row in rows]


def _refs(entity: Entity, embedding: Embedding, urls: values.Urls) -> Nester:
    at, refer = linked_at(entity), linked_reference(entity, urls)
    return lambda rows: values.references([row[at] for row in rows], refer)


def _ref(entity: Entity, embedding: Embedding, urls: values.Urls) -> Nester:
    at, refer = linked_at(entity), linked_reference(entity, urls)
    return lambda rows: refer(rows[0][at])


def _groups(entity: Entity, embedding: Embedding, urls: values.Urls) -> Nester:
    """Groups in the order of their first rows. What a row has beside the group is one value or an object."""
    by = entity.column(layout.GROUPED_BY)
    by_at, convert = layout.place(entity, by), values.converter(by, urls) or str
    others = [column for column in layout.served(entity) if column is not by]
    make = Maker(entity, others, urls)

    def nest(rows: Sequence[Row]) -> list[Shown]:
        groups: dict[str, list[Any]] = {}
        for row in rows:
            item = make.into({}, row)
            groups.setdefault(convert(row[by_at]), []).append(item if len(others) > 1 else item[others[0].json])
        return [{layout.GROUPED_BY: source, embedding.group: items} for source, items in groups.items()]

    return nest


SHAPES: dict[Shape, Callable[[Entity, Embedding, values.Urls], Nester]] = {
    "objects": _objects,
    "refs": _refs,
    "ref": _ref,
    "groups": _groups,
}
