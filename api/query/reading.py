"""Runs the SQL of a plan in a snapshot: pages, single records, totals, and the rows embedded in them.

What comes back are rows as layout.py describes them; JSON is made elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from api import sources
from api.collections import Collection
from api.database import Cursor, Row
from api.memory import Memory
from api.query import layout, sql
from api.query.plan import Plan

CHUNK = 10_000  # records of a streamed answer that are in memory at a time

Embedded = Mapping[str, Mapping[str, Sequence[Row]]]  # entity → owner's id → rows


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one collection and what is shown inside them. `moments`: publication id → date as served."""

    rows: Sequence[Row]
    embedded: Embedded
    moments: Mapping[int, str]
    more: bool = False  # whether records come after these

    @property
    def last_key(self) -> str:
        """Where the next page starts after."""
        return str(self.rows[-1][layout.ID_AT])


class Reader:
    """Reads one source in one snapshot. Totals and moments never change for a generation, so they are remembered."""

    def __init__(self, cursor: Cursor, source: str, recall: "Recall") -> None:
        self._cursor = cursor
        self._source = source
        self._recall = recall
        self.generation = sources.generation(cursor, source)

    def page(self, plan: Plan) -> Page:
        """The plan's records, all in memory."""
        rows = self._run(sql.page(plan), plan.collection, after=plan.after, skip=plan.skip, limit=plan.limit + 1)
        return self._filled(plan.collection, rows[: plan.limit], more=len(rows) > plan.limit)

    def pages(self, plan: Plan) -> Iterator[Page]:
        """The same in chunks, each found by the last key of the one before."""
        left = plan.limit
        while left > 0:
            page = self.page(replace(plan, limit=min(left, CHUNK)))
            yield page
            left -= len(page.rows)
            if not page.more:
                return
            plan = replace(plan, after=page.last_key, skip=0)

    def edge(self, plan: Plan) -> str | None:
        """The last key of the plan's page if records come after it."""
        keys = self._run(sql.edge(plan), plan.collection, after=plan.after, skip=plan.skip, before=plan.limit - 1)
        return keys[0][0] if len(keys) == 2 else None

    def record(self, collection: Collection, sourced_id: str) -> Page:
        """A page of one record, or of none if the collection has none of that id."""
        if "\0" in sourced_id:  # PostgreSQL has no such text
            return Page([], {}, {})
        return self._filled(collection, self._run(sql.record(collection), collection, sourced_id=sourced_id))

    def total(self, collection: Collection) -> int:
        """How many records the collection has."""
        key = (self._source, self.generation, collection.name)
        return self._recall.totals.get_or(key, lambda: self._run(sql.total(collection), collection)[0][0])

    def _filled(self, collection: Collection, rows: Sequence[Row], *, more: bool = False) -> Page:
        owners = [row[layout.ID_AT] for row in rows]
        return Page(rows, self._embedded(collection, owners), self._moments(rows), more)

    def _embedded(self, collection: Collection, owners: Sequence[str]) -> Embedded:
        found: dict[str, dict[str, list[Row]]] = {}
        for entity in collection.embedded if owners else ():
            by_owner = found.setdefault(entity.name, {})
            for row in self._run(sql.embedded(entity.name), owners=owners):
                by_owner.setdefault(row[layout.OWNER_AT], []).append(row)
        return found

    def _moments(self, rows: Sequence[Row]) -> Mapping[int, str]:
        wanted = {row[layout.PUBLICATION_AT] for row in rows}
        known = {id: moment for id in wanted if (moment := self._recall.moments.get(id)) is not None}
        missing = [id for id in wanted if id not in known]
        if missing:
            for id, moment in self._cursor.execute(sql.MOMENTS, {"ids": missing}):
                known[id] = written(moment)
                self._recall.moments.put(id, known[id])
        return known

    def _run(self, statement: bytes, collection: Collection | None = None, **values: object) -> Sequence[Row]:
        if collection is not None and collection.condition is not None:
            values["value"] = collection.condition.value
        return self._cursor.execute(statement, {"source": self._source, **values}).fetchall()


class Recall:
    """What readers remember between requests, of things that never change."""

    def __init__(self) -> None:
        self.totals: Memory[tuple[str, int, str], int] = Memory(1_000)
        self.moments: Memory[int, str] = Memory(100_000)


def written(moment: datetime) -> str:
    """A dateTime as REST writes it.

    >>> written(datetime(2026, 8, 1, 4, 5, 6, 7890, tzinfo=UTC))
    '2026-08-01T04:05:06.007Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
