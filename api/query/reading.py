"""Runs the SQL of a plan in a snapshot: pages, single records, totals, and the rows embedded in them.

What comes back are rows as layout.py describes them; JSON is made elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from api import errors, sources
from api.collections import Collection, Endpoint
from api.database import Cursor, Row
from api.query import landmarks, layout, membership, sql, visibility
from api.query.cursors import Key
from api.query.idlists import IdList
from api.query.landmarks import Landmarks
from api.query.plan import Plan
from api.query.recall import Recall
from api.query.sql import Few, Phase
from pipelines.oneroster.entity import Entity

CHUNK = 10_000  # records of a streamed answer that are in memory at a time
FEW = 5_000  # records that are sorted for a page of them sooner than it is walked to in the order of the ids

Embedded = Mapping[str, Mapping[str, Sequence[Row]]]  # entity → owner's id → rows


@dataclass(frozen=True, slots=True)
class End:
    """Where a page ends: the key of its last record, if it has any, and whether records come after that."""

    key: Key | None = None
    is_followed: bool = False


_NOWHERE = End()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one collection and what is shown inside them. `moments`: publication id → date as served."""

    rows: Sequence[Row]
    embedded: Embedded
    moments: Mapping[int, str]
    end: End = _NOWHERE


class Reader:
    """Reads one source in one snapshot. Totals and moments never change for a revision, so they are remembered.

    `roots` are the organisations that the client is limited to, None for no limit.
    """

    def __init__(self, cursor: Cursor, source: str, recall: Recall, roots: tuple[str, ...] | None = None) -> None:
        self._cursor = cursor
        self._source = source
        self._recall = recall
        self._roots = roots
        self._limited = roots is not None
        self._few: dict[tuple[object, ...], list[str]] = {}  # what a search found, by its subject
        self.revision = sources.revision(cursor, source)

    def require_parents(self, endpoint: Endpoint, ids: Sequence[str]) -> None:
        """ApiError 404 that names the first record of the path which is not there, not of its kind or not visible."""
        if not endpoint.parents:
            return
        statement = sql.parents(endpoint, self._limited)
        ((*there,),) = self._run(statement, **membership.parameters(ids)) if _sendable(ids) else ((False,),)
        for parent, found in zip(endpoint.parents, there, strict=False):
            if not found:
                raise errors.not_found(f"The {parent.singular} of this sourcedId")

    def page(self, plan: Plan) -> Page:
        """The plan's records, all in memory."""
        if not plan.endpoint.collection.is_stored or (plan.where and not self.total(plan)):
            return Page([], {}, {})
        rows = self._rows(plan, plan.limit + 1)
        kept = rows[: plan.limit]
        end = End(_key(plan, kept[-1]), is_followed=len(rows) > plan.limit) if kept else End()
        self._leave_landmark(plan, len(kept), end)
        return self._filled(plan.endpoint.collection, kept, plan.fields, end)

    def pages(self, plan: Plan) -> Iterator[Page]:
        """The same in chunks, each found by the last key of the one before."""
        left = plan.limit
        while left > 0:
            page = self.page(replace(plan, limit=min(left, CHUNK)))
            yield page
            left -= len(page.rows)
            if not page.end.is_followed:
                return
            plan = replace(plan, after=page.end.key, skip=0)

    def end(self, plan: Plan) -> End:
        """Where the plan's page ends, without reading it. The key of a page that is not full stays unknown."""
        if self.total(plan) < plan.skip + plan.limit:
            return End()
        keys = self._run(sql.edge(plan, self._limited), **_bounds(plan, before=plan.skip + plan.limit - 1))
        return End(Key(*keys[0]), is_followed=len(keys) == 2) if keys else End()

    def record(self, endpoint: Endpoint, sourced_id: str, fields: frozenset[str] | None = None) -> Page:
        """A page of one record, or of none if the collection has none of that id."""
        if not (_sendable([sourced_id]) and endpoint.collection.is_stored):
            return Page([], {}, {})
        statement = sql.record(endpoint, self._limited)
        rows = self._run(statement, sourced_id=sourced_id, **self._narrowed(endpoint.collection.entity, sourced_id))
        return self._filled(endpoint.collection, rows, fields)

    def _narrowed(self, entity: Entity, sourced_id: str) -> dict[str, IdList]:
        """Of the thousands of users in view the one that a record is about: no others are of interest."""
        if self._limited and visibility.is_of_a_user(entity):
            return {"users": self.view["users"].only(sourced_id)}
        return {}

    def total(self, plan: Plan) -> int:
        """How many records the plan finds, whatever the page."""
        if not plan.endpoint.collection.is_stored:
            return 0
        key = (self.revision, self._roots, *plan.subject)
        return self._recall.totals.get_or(key, lambda: self._found_total(plan))

    def _found_total(self, plan: Plan) -> int:
        entity = plan.endpoint.collection.entity.name
        told = plan.takes_all and not self._limited
        rows = self._run(sql.COUNTED, entity=entity, generation=self.revision.generation) if told else []
        if plan.searches and (few := self._few_found(plan)) is not None:
            return len(few)
        statement = sql.total(plan.endpoint, plan.where, self._limited)
        return int((rows or self._run(statement, **plan.values))[0][0])

    def _few_found(self, plan: Plan) -> list[str] | None:
        """What a search finds, if that is few; it is kept, so that the page need not search again."""
        statement = sql.ids(plan.endpoint, plan.where, self._limited)
        ids = [id for (id,) in self._run(statement, **plan.values, most=FEW + 1)]
        if len(ids) > FEW:
            return None
        self._few[plan.subject] = ids
        return ids

    def few(self, plan: Plan) -> Few:
        """How the plan's records are found, if they are few and PostgreSQL cannot know that."""
        if plan.subject in self._few:
            return "known"
        return "sorted" if plan.asks_for_dates and self.total(plan) <= FEW else "no"

    def left(self, plan: Plan) -> int:
        """How many records come after the plan's key."""
        return int(self._run(sql.left(plan, self._limited), **_bounds(plan))[0][0])

    def _rows(self, plan: Plan, limit: int) -> list[Row]:
        """In an order with blanks, the records with a value and then those without: each part walks an index."""
        if not plan.has_blanks:
            plan = self._shortened(plan)
            return self._phase(plan, "all", limit, plan.skip)
        if plan.after is not None and plan.after.value is None:
            return self._phase(plan, "blank", limit, 0)
        rows = self._phase(plan, "valued", limit, plan.skip)
        if len(rows) < limit:
            skip = max(plan.skip - self._valued(plan), 0) if plan.skip and not rows else 0
            rows += self._phase(replace(plan, skip=skip), "blank", limit - len(rows), skip)
        return rows

    def _shortened(self, plan: Plan) -> Plan:
        """The same page, walked to from the nearest place that is known."""
        if plan.after is not None or plan.skip < landmarks.APART:
            return plan
        position, key = self._landmarks(plan).nearest(plan.skip)
        return replace(plan, after=key, skip=plan.skip - position)

    def _leave_landmark(self, plan: Plan, read: int, end: End) -> None:
        position = plan.skip + read
        is_far = plan.after is None and position >= landmarks.APART
        if is_far and end.key is not None and not plan.has_blanks:
            self._landmarks(plan).add(position, end.key)

    def _landmarks(self, plan: Plan) -> Landmarks:
        return self._recall.landmarks.get_or((self.revision, self._roots, plan.order, *plan.subject), Landmarks)

    def _phase(self, plan: Plan, phase: Phase, limit: int, skip: int) -> list[Row]:
        statement = sql.page(plan, phase, self._limited, self.few(plan))
        known = {"few": IdList(self._few[plan.subject])} if plan.subject in self._few else {}
        return self._run(statement, **_bounds(plan, limit=limit, skip=skip), **known)

    def _valued(self, plan: Plan) -> int:
        if plan.order is None:
            raise ValueError("only an order has values")
        return int(self._run(sql.valued(plan.endpoint, plan.where, plan.order, self._limited), **plan.values)[0][0])

    def _filled(
        self, collection: Collection, rows: Sequence[Row], fields: frozenset[str] | None, end: End = _NOWHERE
    ) -> Page:
        owners = [row[layout.ID_AT] for row in rows]
        return Page(rows, self._embedded(collection, owners, fields), self._moments(rows), end)

    def _embedded(self, collection: Collection, owners: Sequence[str], fields: frozenset[str] | None) -> Embedded:
        found: dict[str, dict[str, list[Row]]] = {}
        ids = orjson.dumps(owners).decode()
        for entity in collection.embedded:
            by_owner = found.setdefault(entity.name, {})
            shown = fields is None or (entity.embedding and entity.embedding.json in fields)
            if not (owners and shown) or self._is_empty(entity.name):
                continue
            for row in self._run(sql.embedded(entity.name), owners=ids):
                by_owner.setdefault(row[layout.OWNER_AT], []).append(row)
        return found

    def _is_empty(self, name: str) -> bool:
        key = (self.revision, name)
        return self._recall.empty.get_or(key, lambda: bool(self._run(sql.is_empty(name))[0][0]))

    def _moments(self, rows: Sequence[Row]) -> Mapping[int, str]:
        wanted = {row[layout.PUBLICATION_AT] for row in rows}
        known = {id: moment for id in wanted if (moment := self._recall.moments.get((self.revision, id)))}
        missing = [id for id in wanted if id not in known]
        if missing:
            for id, moment in self._cursor.execute(sql.MOMENTS, {"ids": missing}):
                known[id] = written(moment)
                self._recall.moments.put((self.revision, id), known[id])
        return known

    def _run(self, statement: bytes, **values: Any) -> list[Row]:
        parameters = {"source": self._source, **self.view, **values}
        return self._cursor.execute(statement, parameters).fetchall()

    @property
    def view(self) -> dict[str, Any]:
        """The parameters of what a limited client sees: organisations granted, those below them, users there."""
        if self._roots is None:
            return {}
        return self._recall.views.get_or((self.revision, self._roots), self._found_view)

    def _found_view(self) -> dict[str, Any]:
        return view(self._cursor, self._source, self._roots or ())


def view(cursor: Cursor, source: str, roots: Sequence[str]) -> dict[str, Any]:
    """The parameters that say what a client limited to those organisations sees (see visibility)."""
    orgs = [id for (id,) in cursor.execute(visibility.ORGS, {"source": source, "roots": list(roots)})]
    users = [id for (id,) in cursor.execute(visibility.USERS, {"source": source, "orgs": orgs})]
    return {"orgs": orgs, "users": IdList(users)}


def written(moment: datetime) -> str:
    """A dateTime as REST writes it.

    >>> written(datetime(2026, 8, 1, 4, 5, 6, 7890, tzinfo=UTC))
    '2026-08-01T04:05:06.007Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _key(plan: Plan, row: Row) -> Key:
    """The row's place in the plan's order."""
    return Key(str(row[layout.ID_AT]), row[-1] if plan.order else None)


def _bounds(plan: Plan, **bounds: int) -> dict[str, Any]:
    """The plan's parameters and those of its page."""
    after = {"after": plan.after.id, "after_value": plan.after.value} if plan.after else {}
    return {**plan.values, **after, **bounds}


def _sendable(ids: Sequence[str]) -> bool:
    """Whether PostgreSQL can be asked: it has no text with a NUL."""
    return not any("\0" in id for id in ids)
