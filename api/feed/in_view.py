"""The feed as a client limited to organisations is told of it: what became of the records that it sees now.

Records are judged as in the collections, in the snapshot that is read; so are tombstones, as long as they are there.
Purged records no longer are, and are not told of: their deletion was. Nor are records that have left the view; those
that have come into it bring along what happened to them before.

Nothing tells of other records. There is no total, pages are filled with what is visible, and a position is the record
that was told last: a place in the order of generation, entity, kind and sourcedId. What follows it is the same whether
that record is visible, out of view or nowhere, so made-up positions find nothing out.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from psycopg.sql import SQL, Identifier

from api import opaque
from api.database import Cursor
from api.feed.pages import CHUNK, TABLES, Event, Feed, Page
from api.query.visibility import visible
from pipelines.contract import CHANGES_IN_A_ROW, ChangeKind
from pipelines.oneroster.registry import BY_NAME, ENTITIES

_ROWS_AT_ONCE = CHUNK // CHANGES_IN_A_ROW  # whose records one statement judges

_RANKS = {entity.name: rank for rank, entity in enumerate(ENTITIES)}  # the order of entities within a generation

# What the first generation from there on did to each entity. Together the rows of a stretch list ids in their order.
_STRETCHES = (
    SQL(
        "SELECT c.generation, c.entity, c.kind, p.moment, array_agg(c.part ORDER BY c.part)"
        " FROM {changes} c JOIN {publications} p ON p.id = c.publication_id"
        " WHERE c.source = %(source)s AND c.entity = ANY (%(entities)s) AND c.generation = ("
        " SELECT min(generation) FROM {changes} WHERE source = %(source)s AND entity = ANY (%(entities)s)"
        " AND generation >= %(generation)s) GROUP BY c.generation, c.entity, c.kind, p.moment"
    )
    .format(**TABLES)
    .as_bytes()
)

_GREATEST = (
    SQL(
        "SELECT max(id) FROM {changes}, unnest(ids) AS listed (id)"
        " WHERE source = %(source)s AND generation = %(generation)s AND part = %(part)s"
    )
    .format(**TABLES)
    .as_bytes()
)


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """The record of which the client was told last, as a place in the order of the feed."""

    generation: int
    rank: int = -1  # the entity's
    kind: str = ""
    id: str = ""

    @property
    def text(self) -> str:
        """As links carry it."""
        return opaque.written([self.generation, ENTITIES[self.rank].name, self.kind, self.id])

    @classmethod
    def read(cls, text: str) -> "Told":
        """The inverse; ValueError for what no link carries.

        >>> Told.read(Told(7, 1, "changed", "school-a").text)
        Told(generation=7, rank=1, kind='changed', id='school-a')
        """
        try:
            generation, entity, kind, id = opaque.read(text)
            return cls(_generation(generation), _RANKS[entity], ChangeKind(kind).value, opaque.plain(id))
        except (LookupError, TypeError) as mistake:
            raise ValueError("not a position in the change feed") from mistake


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What one generation did in one way to one entity, and the rows of the feed that hold the ids."""

    generation: int
    entity: str
    kind: str
    moment: datetime
    parts: Sequence[int]


class FeedInView(Feed[Told]):
    """The feed for a client that may see some records. `view`: the parameters of what it sees (see visibility)."""

    position = Told

    def __init__(self, cursor: Cursor, source: str, entities: Sequence[str], view: Mapping[str, Any]) -> None:
        super().__init__(cursor, source, entities)
        self._view = view

    def total(self, since: int) -> None:
        """Not told: it counts the records that are out of view."""

    def page(self, start: Told, limit: int) -> Page[Told]:
        """At most `limit` records after that one."""
        events = list(self._events(start, limit + 1))
        if sum(len(event.ids) for event in events) <= limit:
            return Page(events, None)
        events[-1] = replace(events[-1], ids=events[-1].ids[:-1])
        kept = [event for event in events if event.ids]
        return Page(kept, _place(kept[-1], kept[-1].ids[-1]))

    def _events(self, start: Told, wanted: int) -> Iterator[Event]:
        """What the client is told of at most `wanted` records after that one."""
        for stretch in self._stretches(start):
            after = start.id if _place(stretch, start.id) == start else ""
            for parts in self._slices(stretch, after):
                ids = self._visible(stretch, parts, after, wanted)
                if ids:
                    yield Event(stretch.entity, stretch.kind, stretch.generation, stretch.moment, ids)
                wanted -= len(ids)
                if wanted == 0:
                    return

    def _stretches(self, start: Told) -> Iterator[_Stretch]:
        """All from the one on that the record is in, or would be."""
        generation = start.generation
        while rows := self._run(_STRETCHES, generation=generation):
            found = sorted((_Stretch(*row) for row in rows), key=_place)
            yield from (stretch for stretch in found if _place(stretch, start.id) >= start)
            generation = found[0].generation + 1

    def _slices(self, stretch: _Stretch, after: str) -> Iterator[Sequence[int]]:
        """The rows that have ids after that one, some at a time."""

        def greatest(part: int) -> str:
            ((id,),) = self._run(_GREATEST, generation=stretch.generation, part=part)
            return str(id)

        first = bisect_right(stretch.parts, after, key=greatest) if after else 0
        for at in range(first, len(stretch.parts), _ROWS_AT_ONCE):
            yield stretch.parts[at : at + _ROWS_AT_ONCE]

    def _visible(self, stretch: _Stretch, parts: Sequence[int], after: str, wanted: int) -> list[str]:
        """The first of the records in those rows that are in view."""
        bounds = {"generation": stretch.generation, "parts": parts, "after": after, "wanted": wanted}
        return [id for (id,) in self._run(_in_view(stretch.entity), **self._view, **bounds)]


@cache
def _in_view(entity: str) -> bytes:
    """The ids of rows of the feed that name visible records of an entity, in order.

    It goes from row to row and ends with the last id that is wanted. Users in view are looked up in a hash: an index
    would be asked for each of them in each row.
    """
    statement = SQL(
        "SELECT seen.sourced_id FROM {changes} c CROSS JOIN LATERAL ("
        " SELECT t.sourced_id FROM {table} t WHERE t.source = %(source)s AND t.sourced_id = ANY (c.ids)"
        " AND t.sourced_id > %(after)s AND {met} ORDER BY t.sourced_id) AS seen"
        " WHERE c.source = %(source)s AND c.generation = %(generation)s AND c.part = ANY (%(parts)s)"
        " ORDER BY c.part, seen.sourced_id LIMIT %(wanted)s"
    )
    declared, row = BY_NAME[entity], Identifier("t")
    return statement.format(
        table=Identifier(declared.table), met=visible(declared, row, reached=True), **TABLES
    ).as_bytes()


def _place(of: _Stretch | Event, id: str = "") -> Told:
    """The place of a record among those; of none, where they begin."""
    return Told(of.generation, _RANKS[of.entity], of.kind, id)


def _generation(value: object) -> int:
    """ValueError for what is none, or is beyond what PostgreSQL can be asked for."""
    if type(value) is not int or not 0 <= value < 10**18:
        raise ValueError("not a generation")
    return value
