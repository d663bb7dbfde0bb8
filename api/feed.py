"""The change feed of a source as it is stored: pages of it, found by positions that last. No HTTP and no JSON.

A row of the feed holds the ids of at most `contract.CHANGES_IN_A_ROW` records of one entity that one generation did the
same to. A position is how much of which row has been read; rows are never changed, and later generations come behind.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.sql import SQL, Identifier

from api import sources
from api.database import Cursor, Row
from pipelines.contract import CHANGES, CHANGES_IN_A_ROW, PUBLICATIONS

CHUNK = 10_000  # records of a streamed answer that are in memory at a time

_WRITTEN = re.compile(r"(\d{1,18})\.(\d{1,9})\.(\d{1,4})", re.ASCII)

_TABLES = {"changes": Identifier(CHANGES), "publications": Identifier(PUBLICATIONS)}

_OLDEST = SQL("SELECT min(generation) FROM {changes} WHERE source = %(source)s").format(**_TABLES).as_bytes()

_TOTAL = (
    SQL(
        "SELECT coalesce(sum(records), 0)::bigint FROM {changes}"
        " WHERE source = %(source)s AND generation > %(since)s AND entity = ANY (%(entities)s)"
    )
    .format(**_TABLES)
    .as_bytes()
)

# The rows from a position on: so many that `wanted` records are in them, even if all of the first one are taken.
_FOLLOWING = SQL(
    "SELECT generation, part, records FROM {changes} WHERE source = %(source)s AND entity = ANY (%(entities)s)"
    " AND (generation, part) >= (%(generation)s, %(part)s) ORDER BY generation, part LIMIT %(wanted)s + 1"
).format(**_TABLES)

_SIZES = _FOLLOWING.as_bytes()

# Which of them are needed is counted before any ids are looked at: those are what is large.
_ROWS = (
    SQL(
        "SELECT c.generation, c.part, c.entity, c.kind, p.moment, c.ids FROM ("
        " SELECT generation, part, sum(records) OVER (ORDER BY generation, part) - records AS before"
        " FROM ({following}) AS following) AS counted"
        " JOIN {changes} c USING (generation, part) JOIN {publications} p ON p.id = c.publication_id"
        " WHERE c.source = %(source)s AND before < %(taken)s + %(wanted)s ORDER BY c.generation, c.part"
    )
    .format(following=_FOLLOWING, **_TABLES)
    .as_bytes()
)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far the feed has been read: all rows before that one, and of it `taken` records."""

    generation: int
    part: int = 0
    taken: int = 0

    @property
    def text(self) -> str:
        """As links carry it."""
        return f"{self.generation}.{self.part}.{self.taken}"

    def taken_of(self, generation: int, part: int) -> int:
        """How many records of that row have been read."""
        return self.taken if (generation, part) == (self.generation, self.part) else 0

    @classmethod
    def read(cls, text: str) -> "Position":
        """The inverse; ValueError for what is no position.

        >>> Position.read("7.2.340").text
        '7.2.340'
        """
        found = _WRITTEN.fullmatch(text)
        if found is None or int(found[3]) > CHANGES_IN_A_ROW:
            raise ValueError("not a position in the change feed")
        return cls(*map(int, found.groups()))


@dataclass(frozen=True, slots=True)
class Event:
    """What one generation did to some records of one entity. `moment` is the date that they show since."""

    entity: str
    kind: str
    generation: int
    moment: datetime
    ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Page:
    """Events in the order of the feed, and where the next page starts if any come after them."""

    events: Sequence[Event]
    following: Position | None


class Feed:
    """The feed of one source in one snapshot, as far as it is about those entities."""

    def __init__(self, cursor: Cursor, source: str, entities: Sequence[str]) -> None:
        self._cursor = cursor
        self._values = {"source": source, "entities": list(entities)}
        self.generation = sources.generation(cursor, source)

    def oldest(self) -> int:
        """The first generation that the feed tells of; the next one to come if it tells of none."""
        ((generation,),) = self._cursor.execute(_OLDEST, self._values).fetchall()
        return int(generation or self.generation + 1)

    def total(self, since: int) -> int:
        """How many records later generations than `since` moved; each counts once per generation."""
        ((total,),) = self._cursor.execute(_TOTAL, {**self._values, "since": since}).fetchall()
        return int(total)

    def page(self, start: Position, limit: int) -> Page:
        """At most `limit` records from there on."""
        events: list[Event] = []
        reached = start
        for generation, part, entity, kind, moment, ids in self._from(start, limit, _ROWS):
            taken = start.taken_of(generation, part)
            kept = ids[taken : taken + limit]
            if kept:
                events.append(Event(entity, kind, generation, moment, kept))
                reached = Position(generation, part, taken + len(kept))
                limit -= len(kept)
            if taken + len(kept) < len(ids):
                return Page(events, reached)
        return Page(events, None)

    def pages(self, start: Position, limit: int) -> Iterator[Page]:
        """The same in chunks."""
        position: Position | None = start
        while position is not None and limit > 0:
            page = self.page(position, min(limit, CHUNK))
            yield page
            limit -= sum(len(event.ids) for event in page.events)
            position = page.following

    def edge(self, start: Position, limit: int) -> Position | None:
        """Where the page after such a one starts, if there is one. No ids are read."""
        reached = start
        for generation, part, records in self._from(start, limit, _SIZES):
            taken = start.taken_of(generation, part)
            kept = min(records - taken, limit)
            if kept:
                reached = Position(generation, part, taken + kept)
                limit -= kept
            if taken + kept < records:
                return reached
        return None

    def _from(self, start: Position, limit: int, statement: bytes) -> Sequence[Row]:
        """The rows of one record more than a page has: so it shows whether any comes after it."""
        bounds = {"generation": start.generation, "part": start.part, "taken": start.taken, "wanted": limit + 1}
        return self._cursor.execute(statement, {**self._values, **bounds}).fetchall()
