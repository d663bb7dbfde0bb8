"""The state of the data, as anyone may know it: how much there is and how old it is, over all sources together.

Sources are not named and not told apart: a source is often a school district, and the size of one is its own matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import psycopg

from api import sources
from api.collections import BY_NAME, Endpoint
from api.database import Cursor
from api.hub import Hub
from api.memory import Memory
from api.query.plan import Plan, plan
from api.query.reading import Reader
from api.query.request import ListQuery
from api.sources import Source
from pipelines.contract import ACTIVE

SHOWN = ("schools", "courses", "classes", "students", "teachers", "enrollments")

_REMEMBERED_SECONDS = 5.0

Condition = Literal["ok", "empty", "away", "busy", "not set up", "maintenance"]


@dataclass(frozen=True, slots=True)
class Publication:
    """What a source serves now."""

    generation: int
    at: datetime


@dataclass(frozen=True, slots=True)
class State:
    """How the database does, what it serves, and how many active records of each collection that is."""

    condition: Condition
    sources: int = 0
    newest: Publication | None = None
    oldest: Publication | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


class Observer:
    """Looks at the state of one hub, not more often than every few seconds: anyone may make it look."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._memory: Memory[str, State] = Memory(1, _REMEMBERED_SECONDS)

    def state(self) -> State:
        """The state; that the database is away is part of it."""
        try:
            return self._memory.get_or("state", self._read)
        except psycopg.errors.QueryCanceled:
            return State("busy")
        except psycopg.OperationalError:
            return State("away")
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            return State("not set up")

    def _read(self) -> State:
        with self._hub.database.snapshot() as cursor:
            published = sources.read(cursor)
            dated = sorted(
                (Publication(source.generation, source.published_at) for source in published if source.published_at),
                key=lambda publication: publication.at,
            )
            if not dated:
                return State("empty")
            return State("ok", len(published), dated[-1], dated[0], self._counts(cursor, published))

    def _counts(self, cursor: Cursor, published: tuple[Source, ...]) -> dict[str, int]:
        """Readers remember totals per generation, so that nothing is counted twice."""
        readers = [Reader(cursor, source.name, self._hub.recall) for source in published]
        return {name: sum(reader.total(_active(name)) for reader in readers) for name in SHOWN}


def _active(name: str) -> Plan:
    return plan(Endpoint(BY_NAME[name]), (), ListQuery(filter=f"status='{ACTIVE}'"))
