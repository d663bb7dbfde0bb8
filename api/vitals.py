"""What the database knows of how the house does: sources, runs, backups, the server. Read for metrics and health.

Statements are cheap: none looks at a roster table. How it is shown is not known here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from api.database import Cursor
from pipelines import contract


@dataclass(frozen=True, slots=True)
class SourceVitals:
    """A source of which the ledger knows; counts are of rows, by entity and kind of change."""

    name: str
    generation: int
    needs_bulk: bool
    is_held: bool
    published_at: datetime | None  # the moment of the generation served
    fresh_at: datetime | None  # when a bundle was last published or found unchanged
    changes: dict[str, dict[str, int]]  # of the generation served
    seconds: dict[str, float]  # by stage of that publication
    last_counts: dict[str, dict[str, int]]  # of the bundle judged last, however that ended
    waiting: int


@dataclass(frozen=True, slots=True)
class RunCount:
    """How many runs of a job are in a state."""

    job: str
    status: str
    runs: int
    told_at: datetime


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the last run of a job, and of a source if it has one, ended."""

    job: str
    source: str
    status: str
    ended_at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Backup:
    """The newest backup that restored."""

    created_at: datetime
    seconds: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Drill:
    """The last time that a backup was restored to see whether it does."""

    drilled_at: datetime
    seconds: float | None
    is_good: bool


@dataclass(frozen=True, slots=True)
class Server:
    """The PostgreSQL that is read from. The lag is None on a primary."""

    schema: str
    connections: int
    connections_limit: int
    lag_seconds: float | None


@dataclass(frozen=True, slots=True)
class Vitals:
    """All of it, of one moment."""

    server: Server
    sources: tuple[SourceVitals, ...]
    runs: tuple[RunCount, ...]
    last_runs: tuple[LastRun, ...]
    backup: Backup | None
    drill: Drill | None


_NAMES = {
    name.lower(): sql.Identifier(name)
    for name in (
        contract.PUBLICATIONS,
        contract.SOURCES,
        contract.WAITING_ROWS,
        contract.RUN_STATES,
        contract.LAST_RUNS,
        contract.BACKUPS,
        contract.SCHEMA_VERSION,
    )
}

# The names come from jumps over the ledger's index: it has a row per bundle, and grows for years.
_SOURCES = """
WITH RECURSIVE known (source) AS (
  SELECT min(source) FROM {publications}
  UNION ALL
  SELECT (SELECT min(p.source) FROM {publications} p WHERE p.source > known.source)
  FROM known WHERE known.source IS NOT NULL)
SELECT known.source, coalesce(s.generation, 0), coalesce(s.needs_bulk, false),
  EXISTS (SELECT FROM {publications} p WHERE p.source = known.source AND p.outcome = 'held'
          AND p.id > coalesce(s.publication_id, 0)),
  served.moment,
  (SELECT p.recorded_at FROM {publications} p WHERE p.source = known.source
   AND p.outcome IN ('published', 'unchanged') ORDER BY p.id DESC LIMIT 1),
  coalesce(served.counts, '{{}}'), coalesce(served.seconds, '{{}}'),
  (SELECT p.counts FROM {publications} p WHERE p.source = known.source ORDER BY p.id DESC LIMIT 1),
  (SELECT count(*) FROM {waiting_rows} w WHERE w.source = known.source)
FROM known
LEFT JOIN {sources} s ON s.source = known.source
LEFT JOIN {publications} served ON served.id = s.publication_id
WHERE known.source IS NOT NULL
"""

# A standby that has replayed all it received, and still receives, is not behind however long nothing was written.
_SERVER = """
SELECT (SELECT version_num FROM {alembic_version}),
  (SELECT sum(numbackends)::int FROM pg_stat_database WHERE datname IS NOT NULL),
  current_setting('max_connections')::int,
  CASE
    WHEN NOT pg_is_in_recovery() THEN NULL
    WHEN EXISTS (SELECT FROM pg_stat_wal_receiver) AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
    ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8
  END
"""
_RUNS = "SELECT job, status, runs, told_at FROM {run_states} ORDER BY job, status"
_LAST_RUNS = "SELECT job, source, status, ended_at, seconds FROM {last_runs} ORDER BY job, source"
_BACKUP = "SELECT created_at, seconds, bytes FROM {backups} WHERE is_good ORDER BY created_at DESC LIMIT 1"
_DRILL = (
    "SELECT drilled_at, drill_seconds, coalesce(is_good, false) FROM {backups}"
    " WHERE drilled_at IS NOT NULL ORDER BY drilled_at DESC LIMIT 1"
)


def read(cursor: Cursor) -> Vitals:
    """Everything, in the cursor's snapshot."""
    return Vitals(
        server=Server(*_rows(cursor, _SERVER)[0]),
        sources=tuple(SourceVitals(*row) for row in _rows(cursor, _SOURCES)),
        runs=tuple(RunCount(*row) for row in _rows(cursor, _RUNS)),
        last_runs=tuple(LastRun(*row) for row in _rows(cursor, _LAST_RUNS)),
        backup=last_backup(cursor),
        drill=last_drill(cursor),
    )


def last_backup(cursor: Cursor) -> Backup | None:
    """The newest backup that restored."""
    return next((Backup(*row) for row in _rows(cursor, _BACKUP)), None)


def last_drill(cursor: Cursor) -> Drill | None:
    """How restoring a backup went last."""
    return next((Drill(*row) for row in _rows(cursor, _DRILL)), None)


def _rows(cursor: Cursor, statement: str) -> list[tuple[Any, ...]]:
    return cursor.execute(sql.SQL(statement).format(**_NAMES)).fetchall()
