"""What reading a feed comes to, whoever is told of it: events, pages of them, and the places where pages start."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, Self, TypeVar

from psycopg.sql import SQL, Identifier

from api import sources
from api.database import Cursor, Row
from pipelines.contract import CHANGES, PUBLICATIONS

CHUNK = 10_000  # records of a streamed answer that are in memory at a time

TABLES = {"changes": Identifier(CHANGES), "publications": Identifier(PUBLICATIONS)}

_OLDEST = SQL("SELECT min(generation) FROM {changes} WHERE source = %(source)s").format(**TABLES).as_bytes()


class Position(Protocol):
    """A place in the feed; without more it is where the generation begins. Positions have the order of the feed."""

    def __init__(self, generation: int) -> None: ...

    def __lt__(self, other: Any, /) -> bool: ...

    @property
    def text(self) -> str:
        """As links carry it."""

    @classmethod
    def read(cls, text: str) -> Self:
        """The inverse; ValueError for what no link carries."""


P = TypeVar("P", bound=Position)


@dataclass(frozen=True, slots=True)
class Event:
    """What one generation did to some records of one entity. `moment` is the date that they show since."""

    entity: str
    kind: str
    generation: int
    moment: datetime
    ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Page(Generic[P]):
    """Events in the order of the feed, and where the next page starts if any come after them."""

    events: Sequence[Event]
    following: P | None


class Feed(ABC, Generic[P]):
    """The feed of one source in one snapshot, as far as it is about those entities."""

    position: type[P]

    def __init__(self, cursor: Cursor, source: str, entities: Sequence[str]) -> None:
        self._cursor = cursor
        self._values: Mapping[str, Any] = {"source": source, "entities": list(entities)}
        self.generation = sources.revision(cursor, source).generation

    def oldest(self) -> int:
        """The first generation that the feed tells of; the next one to come if it tells of none."""
        ((generation,),) = self._run(_OLDEST)
        return int(generation or self.generation + 1)

    def start(self, since: int, after: str | None) -> P:
        """Where to read from: behind the generation `since`, and not before the place that a link says.

        ValueError for an `after` that is no place in this feed.
        """
        beginning = self.position(since + 1)
        return beginning if after is None else max(self.position.read(after), beginning)

    @abstractmethod
    def total(self, since: int) -> int | None:
        """How many records later generations than `since` moved; None if that is not told."""

    @abstractmethod
    def page(self, start: P, limit: int) -> Page[P]:
        """At most `limit` records from there on."""

    def pages(self, start: P, limit: int) -> Iterator[Page[P]]:
        """The same in chunks."""
        position: P | None = start
        while position is not None and limit > 0:
            page = self.page(position, min(limit, CHUNK))
            yield page
            limit -= sum(len(event.ids) for event in page.events)
            position = page.following

    def edge(self, start: P, limit: int) -> P | None:
        """Where the page after such a one starts, if there is one."""
        *_, last = self.pages(start, limit)
        return last.following

    def _run(self, statement: bytes, **values: Any) -> list[Row]:
        return self._cursor.execute(statement, {**self._values, **values}).fetchall()
