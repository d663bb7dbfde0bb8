"""Every name that clients may filter a collection by, spelled out of the declarations. What it means is not known."""

from collections.abc import Iterator

from api.collections import Collection
from api.query import layout
from pipelines.oneroster.entity import LIFECYCLE_NAMES, Entity, Kind
from tests.api.roster import METADATA


def names(collection: Collection) -> tuple[str, ...]:
    """The names, those through a reference only as far as two properties of what it leads to."""
    found = [*LIFECYCLE_NAMES, *(f"metadata.{key}" for key in METADATA), *_of_columns(collection.entity)]
    for rows in collection.embedded:
        found += [f"{_property(rows)}{name}" for name in _of_embedded(rows)]
    return tuple(dict.fromkeys(found))


def _property(rows: Entity) -> str:
    return rows.embedding.json if rows.embedding else ""


def _of_columns(entity: Entity) -> Iterator[str]:
    for column in layout.served(entity):
        if column.kind is Kind.PAIRS:
            yield from (f"{column.json}.{side}" for side in column.json_keys)
        elif column.to and not column.as_uri:
            yield from _of_reference(column.json)
            if column.json_by_type[1]:
                yield from _of_reference(column.json_by_type[1])
        else:
            yield column.json


def _of_reference(name: str) -> tuple[str, ...]:
    return name, f"{name}.sourcedId", f"{name}.status", f"{name}.dateLastModified"


def _of_embedded(rows: Entity) -> Iterator[str]:
    """What follows the owner's property."""
    if rows.embedding is None:
        return
    columns = [column.json for column in layout.served(rows)]
    if rows.embedding.id_json:
        yield f".{rows.embedding.id_json}"
    if rows.embedding.shape == "objects":
        yield from (f".{name}" for name in _of_columns(rows))
    elif rows.embedding.shape == "groups":
        items = [name for name in columns if name != layout.GROUPED_BY]
        yield f".{layout.GROUPED_BY}"
        yield from (f".{rows.embedding.group}" + (f".{name}" if len(items) > 1 else "") for name in items)
    else:
        yield from _of_reference("")
