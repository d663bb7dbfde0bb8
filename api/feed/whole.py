"""The whole feed, paged without looking at records: a position is how much of which row has been read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.sql import SQL

from api.database import Row
from api.feed.pages import TABLES, Event, Feed, Page
from pipelines.contract import CHANGES_IN_A_ROW

_WRITTEN = re.compile(r"(\d{1,18})\.(\d{1,9})\.(\d{1,4})", re.ASCII)

_TOTAL = (
    SQL(
        "SELECT coalesce(sum(records), 0)::bigint FROM {changes}"
        " WHERE source = %(source)s AND generation > %(since)s AND entity = ANY (%(entities)s)"
    )
    .format(**TABLES)
    .as_bytes()
)

# The rows from a position on: so many that `wanted` records are in them, even if all of the first one are taken.
_FOLLOWING = SQL(
    "SELECT generation, part, records FROM {changes} WHERE source = %(source)s AND entity = ANY (%(entities)s)"
    " AND (generation, part) >= (%(generation)s, %(part)s) ORDER BY generation, part LIMIT %(wanted)s + 1"
).format(**TABLES)

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
    .format(following=_FOLLOWING, **TABLES)
    .as_bytes()
)


@dataclass(frozen=True, slots=True, order=True)
class Taken:
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
    def read(cls, text: str) -> "Taken":
        """The inverse; ValueError for what is no position.

        >>> Taken.read("7.2.340").text
        '7.2.340'
        """
        found = _WRITTEN.fullmatch(text)
        if found is None or int(found[3]) > CHANGES_IN_A_ROW:
            raise ValueError("not a position in the change feed")
        return cls(*map(int, found.groups()))


class WholeFeed(Feed[Taken]):
    """The feed for clients that may see every record."""

    position = Taken

    def total(self, since: int) -> int:
        """How many records later generations than `since` moved; each counts once per generation."""
        ((total,),) = self._run(_TOTAL, since=since)
        return int(total)

    def page(self, start: Taken, limit: int) -> Page[Taken]:
        """At most `limit` records from there on."""
        events: list[Event] = []
        reached = start
        for generation, part, entity, kind, moment, ids in self._from(start, limit, _ROWS):
            taken = start.taken_of(generation, part)
            kept = ids[taken : taken + limit]
            if kept:
                events.append(Event(entity, kind, generation, moment, kept))
                reached = Taken(generation, part, taken + len(kept))
                limit -= len(kept)
            if taken + len(kept) < len(ids):
                return Page(events, reached)
        return Page(events, None)

    def edge(self, start: Taken, limit: int) -> Taken | None:
        """Where the page after such a one starts, if there is one. No ids are read."""
        reached = start
        for generation, part, records in self._from(start, limit, _SIZES):
            taken = start.taken_of(generation, part)
            kept = min(records - taken, limit)
            if kept:
                reached = Taken(generation, part, taken + kept)
                limit -= kept
            if taken + kept < records:
                return reached
        return None

    def _from(self, start: Taken, limit: int, statement: bytes) -> Sequence[Row]:
        """The rows of one record more than a page has: so it shows whether any comes after it."""
        bounds = {"generation": start.generation, "part": start.part, "taken": start.taken, "wanted": limit + 1}
        return self._run(statement, **bounds)
