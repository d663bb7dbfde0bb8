"""Which source a request reads, and that source's generation. What is in the source is not known here.

PostgreSQL alone says what is served. What it said is remembered for a moment, and read again in the snapshot of
every answer, so a remembered generation can only cost a cached body, never a wrong one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from psycopg import sql

from api import errors
from api.database import Cursor, Database
from api.memory import Memory
from pipelines.contract import GENERATION_REMEMBERED_SECONDS, PUBLICATIONS, SOURCES


class Revision(NamedTuple):
    """Which data of a source an answer is made of.

    The number alone does not say it: after a restore to an earlier moment, or a failover that lost a publication, the
    same number is given to other data. No two publications of a source have the same moment.
    """

    source: str
    generation: int
    moment: datetime | None

    def __str__(self) -> str:
        return f"{self.source} {self.generation} {self.moment}"


@dataclass(frozen=True, slots=True)
class Source:
    """A source that has been published, as of when it was read."""

    name: str
    generation: int
    published_at: datetime | None  # when its generation came to be
    needs_bulk: bool = False  # rows of a delta were lost to errors, and deltas never repeat

    @property
    def revision(self) -> Revision:
        """Of the data that it had when it was read."""
        return Revision(self.name, self.generation, self.published_at)


_LISTED = sql.SQL(
    "SELECT s.source, s.generation, p.moment, s.needs_bulk"
    " FROM {sources} s LEFT JOIN {publications} p ON p.id = s.publication_id"
    " WHERE s.first_published_at IS NOT NULL ORDER BY s.first_published_at, s.source"
).format(sources=sql.Identifier(SOURCES), publications=sql.Identifier(PUBLICATIONS))

_REVISION = (
    sql.SQL("SELECT s.generation, p.moment FROM {sources} s LEFT JOIN {publications} p ON p.id = s.publication_id")
    .format(sources=sql.Identifier(SOURCES), publications=sql.Identifier(PUBLICATIONS))
    .as_bytes()
    + b" WHERE s.source = %s"
)


def read(cursor: Cursor) -> tuple[Source, ...]:
    """Every source that has ever been published, the first published first."""
    return tuple(Source(*row) for row in cursor.execute(_LISTED))


def revision(cursor: Cursor, source: str) -> Revision:
    """The source's revision in the cursor's snapshot."""
    row = cursor.execute(_REVISION, [source]).fetchone()
    return Revision(source, *(row or (0, None)))


class Catalogue:
    """The sources, remembered."""

    def __init__(self, database: Database, default: str | None) -> None:
        self._database = database
        self._default = default
        self._memory: Memory[str, tuple[Source, ...]] = Memory(1, GENERATION_REMEMBERED_SECONDS)

    def named(self, name: str, granted: tuple[str, ...] | None) -> Source:
        """The source of a URL that names one. One that is not granted is answered like one that does not exist."""
        return self._among((name,) if granted is None or name in granted else (), f"The source {name}")

    def own(self, granted: tuple[str, ...] | None) -> Source:
        """The source at the unprefixed URLs: the first granted, or for a grant of all the default."""
        if granted is not None:
            return self._among(granted[:1], "The source that this key reads")
        if self._default is not None:
            return self._among((self._default,), f"The source {self._default}")
        return self._among(tuple(source.name for source in self._all()), "A published source")

    def _among(self, names: tuple[str, ...], what: str) -> Source:
        published = {source.name: source for source in self._all()}
        for name in names:
            if name in published:
                return published[name]
        raise errors.not_found(what)

    def _all(self) -> tuple[Source, ...]:
        return self._memory.get_or("all", self._read)

    def _read(self) -> tuple[Source, ...]:
        with self._database.snapshot() as cursor:
            return read(cursor)
