"""A record's row and the rows embedded in it → the standard's JSON object.

Property order: the lifecycle, metadata, the file's columns, what is embedded.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial

import orjson

from api.collections import Collection
from api.database import Row
from api.query import layout
from api.query.reading import Page
from api.rendering import nested, values
from api.rendering.nested import Shown
from pipelines.oneroster.entity import Column, Entity
from pipelines.oneroster.registry import BY_NAME

Filler = Callable[[Shown, Row, Page], None]  # adds a property that takes more than one value of the row


class Renderer:
    """Renders one collection's records for one URL base. `fields` are the properties to show, None for all."""

    def __init__(self, collection: Collection, base: str, fields: frozenset[str] | None = None) -> None:
        entity = collection.entity
        urls = partial(collection.edition.url, base)
        merged = _merged_columns(collection)
        taken = (*layout.typed(entity), *merged.values())
        plain = [column for column in layout.served(entity) if column not in taken and _is_in(fields, column.json)]
        self._make = nested.Maker(entity, plain, urls)
        self._fillers = (
            *(_typed(entity, column, urls, fields) for column in layout.typed(entity)),
            *(
                _merged(entity, merged[row.name], row, urls) if row.name in merged else _embedded(row, urls)
                for row in collection.embedded
                if _is_in(fields, _property(row))
            ),
        )
        self._shows = {name: _is_in(fields, name) for name in ("sourcedId", "status", "dateLastModified", "metadata")}

    def records(self, page: Page) -> Iterator[Shown]:
        """The page's records, ready for orjson."""
        for row in page.rows:
            yield self._record(row, page)

    def _record(self, row: Row, page: Page) -> Shown:
        shown = self._lifecycle(row, page)
        self._make.into(shown, row)
        for fill in self._fillers:
            fill(shown, row, page)
        return shown

    def _lifecycle(self, row: Row, page: Page) -> Shown:
        """What every record has."""
        shown: Shown = {}
        if self._shows["sourcedId"]:
            shown["sourcedId"] = row[layout.ID_AT]
        if self._shows["status"]:
            shown["status"] = row[layout.STATUS_AT]
        if self._shows["dateLastModified"]:
            shown["dateLastModified"] = page.moments[row[layout.PUBLICATION_AT]]
        if self._shows["metadata"] and row[layout.METADATA_AT] is not None:
            shown["metadata"] = orjson.Fragment(row[layout.METADATA_AT])
        return shown


@lru_cache(maxsize=1_000)  # a base for each source, or for each Host header where no public URL is set
def renderer(collection: Collection, base: str, fields: frozenset[str] | None = None) -> Renderer:
    """The renderer, compiled on first use."""
    return Renderer(collection, base, fields)


def _is_in(fields: frozenset[str] | None, name: str) -> bool:
    return fields is None or name in fields


def _merged_columns(collection: Collection) -> dict[str, Column]:
    """By embedded entity, the record's own column whose references go into the same property."""
    own = {column.json: column for column in layout.served(collection.entity)}
    return {entity.name: own[_property(entity)] for entity in collection.embedded if _property(entity) in own}


def _property(entity: Entity) -> str:
    return entity.embedding.json if entity.embedding else ""


def _typed(entity: Entity, column: Column, urls: values.Urls, fields: frozenset[str] | None) -> Filler:
    """A reference whose property depends on the type of what it refers to."""
    at, type_at = layout.place(entity, column), layout.type_place(entity, column)
    refer = values.reference(BY_NAME[column.to], urls)
    special_type, special_property = column.json_by_type

    def fill(shown: Shown, row: Row, page: Page) -> None:
        name = special_property if row[type_at] == special_type else column.json
        if row[at] is not None and _is_in(fields, name):
            shown[name] = refer(row[at])

    return fill


def _embedded(entity: Entity, urls: values.Urls) -> Filler:
    nest = nested.nester(entity, urls)
    property_ = _property(entity)

    def fill(shown: Shown, row: Row, page: Page) -> None:
        rows = page.embedded[entity.name].get(row[layout.ID_AT])
        if rows:
            shown[property_] = nest(rows)

    return fill


def _merged(owner: Entity, column: Column, entity: Entity, urls: values.Urls) -> Filler:
    """References that come from a column and from link rows."""
    at, linked_at = layout.place(owner, column), nested.linked_at(entity)
    refer = nested.linked_reference(entity, urls)

    def fill(shown: Shown, row: Row, page: Page) -> None:
        links = page.embedded[entity.name].get(row[layout.ID_AT], ())
        ids = [*(row[at] or ()), *(link[linked_at] for link in links)]
        if ids:
            shown[column.json] = values.references(ids, refer)

    return fill
