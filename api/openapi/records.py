"""The JSON Schemas of records and of what they show inside: what `api.rendering` makes, described.

A record has no required properties, since `fields` may leave out any; its description says what is always there
otherwise. Objects inside a record are whole or not there.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from api.editions import Edition
from api.openapi.names import Schema, component, name
from api.openapi.values import TEXT, URI, listed, value
from api.query import layout
from pipelines.oneroster import registry
from pipelines.oneroster.entity import LIFECYCLE_NAMES, Column, Embedding, Entity, Shape

_METADATA = "Metadata"

_EXPLAINED: dict[str, Schema] = {
    "status": {"description": "`tobedeleted`: gone at the source; the record stays here for some time after."},
    "dateLastModified": {"description": "When what the record shows last changed: the moment of that publication."},
}


def components(edition: Edition) -> dict[str, Schema]:
    """By name, the schemas of the edition's records, of what they show, and of references to them.

    A reference is the same in every edition.
    """
    found: dict[str, Schema] = {_METADATA: _metadata()}
    shown = [entity for entity in edition.entities.values() if entity.embedding is None]
    referred_to = {column.to for entity in edition.entities.values() for column in layout.served(entity)}
    for entity in shown:
        found[name(entity.singular, edition)] = record(entity)
        if entity.name in referred_to:
            found[name(f"{entity.singular}Ref")] = _reference(entity)
        for rows in registry.embedded_in(entity):
            if rows.embedding and rows.embedding.shape == "objects":
                found[name(rows.singular, edition)] = _shown_object(rows, rows.embedding)
    return found


def record(entity: Entity) -> Schema:
    """A record of an entity, with whatever is shown in it."""
    lifecycle = [column for column in entity.columns if column.name in LIFECYCLE_NAMES]
    properties = _properties(lifecycle) | {"metadata": component(_METADATA)} | _properties(layout.served(entity))
    for column in layout.typed(entity):
        properties[column.json_by_type[1]] = value(column)
    for rows in registry.embedded_in(entity):
        if rows.embedding:
            properties[rows.embedding.json] = EMBEDDED[rows.embedding.shape](rows, rows.embedding)
    always = ", ".join(f"`{property_}`" for property_ in always_there(entity))
    return {
        "type": "object",
        "description": f"A record of the file {entity.name}. Always there, unless `fields` leaves it out: {always}.",
        "properties": properties,
        "additionalProperties": False,
    }


def always_there(entity: Entity) -> tuple[str, ...]:
    """The properties that every record of an entity has whose values were not erased."""
    plain = (column for column in layout.served(entity) if not column.json_by_type[0])
    own = (column.json for column in plain if column.required or column.json_always)
    embedded = (rows.embedding for rows in registry.embedded_in(entity) if rows.embedding)
    return (
        *LIFECYCLE_NAMES,
        *own,
        *(embedding.json for embedding in embedded if embedding.always_some),
    )


def _reference(entity: Entity) -> Schema:
    return {
        "type": "object",
        "description": f"A reference to a record of {entity.name}.",
        "properties": {"href": URI, "sourcedId": TEXT, "type": {"type": "string", "enum": [entity.singular]}},
        "required": ["href", "sourcedId", "type"],
        "additionalProperties": False,
    }


def _metadata() -> Schema:
    return {
        "type": "object",
        "description": "What the source delivers beyond the standard: its `metadata.*` columns, without that prefix.",
        "additionalProperties": {"type": "string"},
        "example": {"jp.kanaGivenName": "タロウ"},
    }


def _properties(columns: Iterable[Column]) -> dict[str, Schema]:
    """By property; those with a dotted name are in a list of one object."""
    found: dict[str, Schema] = {}
    inside: dict[str, list[Column]] = {}
    for column in columns:
        outer, _, property_ = column.json.rpartition(".")
        if outer:
            inside.setdefault(outer, []).append(replace(column, json=property_))
        else:
            found[property_] = value(column) | _EXPLAINED.get(property_, {})
    for outer, inner in inside.items():
        found[outer] = {**listed(_object(inner)), "maxItems": 1}
    return found


def _required(columns: Iterable[Column]) -> list[str]:
    """The properties that rows cannot be without; of dotted ones the list that they are in."""
    return list(dict.fromkeys(column.json.partition(".")[0] for column in columns if column.required))


def _object(columns: Sequence[Column], first: dict[str, Schema] | None = None) -> Schema:
    """An object of those columns' values, after properties that are always there."""
    first = first or {}
    return {
        "type": "object",
        "properties": first | _properties(columns),
        "required": [*first, *_required(columns)],
        "additionalProperties": False,
    }


def _shown_object(entity: Entity, embedding: Embedding) -> Schema:
    return _object(layout.served(entity), {embedding.id_json: URI} if embedding.id_json else None)


def _objects(entity: Entity, embedding: Embedding) -> Schema:
    return listed(component(name(entity.singular)))


def _refs(entity: Entity, embedding: Embedding) -> Schema:
    return listed(_ref(entity, embedding))


def _ref(entity: Entity, embedding: Embedding) -> Schema:
    (column,) = layout.served(entity)
    return value(column)


def _groups(entity: Entity, embedding: Embedding) -> Schema:
    """One value beside the group is shown as it is, several as an object."""
    by = entity.column(layout.GROUPED_BY)
    others = [column for column in layout.served(entity) if column is not by]
    item = _object(others) if len(others) > 1 else value(others[0])
    return listed(_object((), {layout.GROUPED_BY: value(by), embedding.group: listed(item)}))


EMBEDDED: dict[Shape, Callable[[Entity, Embedding], Schema]] = {
    "objects": _objects,
    "refs": _refs,
    "ref": _ref,
    "groups": _groups,
}
