"""What is told of Dagster's runs in the roster database, for those who may not read Dagster's: the API's metrics.

Dagster's own storage is the truth. Nothing of Dagster is known here but the words for its states.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from pipelines import contract
from pipelines.connecting import connected
from pipelines.errors import Refused

QUEUED, STARTED, SUCCEEDED, FAILED, CANCELED = "queued", "started", "succeeded", "failed", "canceled"

# Our words for the states of runs, and Dagster's.
STATUSES: dict[str, tuple[str, ...]] = {
    QUEUED: ("QUEUED", "NOT_STARTED"),
    STARTED: ("STARTING", "STARTED", "CANCELING"),
    SUCCEEDED: ("SUCCESS",),
    FAILED: ("FAILURE",),
    CANCELED: ("CANCELED",),
}
ENDED = (SUCCEEDED, FAILED, CANCELED)


@dataclass(frozen=True, slots=True)
class LastRun:
    """A run that ended. `source` is "" where the job has none."""

    job: str
    source: str
    status: str
    run_id: str
    ended_at: datetime
    seconds: float


_COUNT = sql.SQL(
    "INSERT INTO {} (job, status, runs, told_at) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (job, status) DO UPDATE SET runs = excluded.runs, told_at = excluded.told_at"
).format(sql.Identifier(contract.RUN_STATES))

_END = sql.SQL(
    "INSERT INTO {table} (job, source, status, run_id, ended_at, seconds) VALUES (%s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (job, source) DO UPDATE SET status = excluded.status, run_id = excluded.run_id,"
    " ended_at = excluded.ended_at, seconds = excluded.seconds WHERE {table}.ended_at < excluded.ended_at"
).format(table=sql.Identifier(contract.LAST_RUNS))

_KNOWN = sql.SQL("SELECT run_id FROM {}").format(sql.Identifier(contract.LAST_RUNS))
_FORGET = sql.SQL("DELETE FROM {} WHERE run_id = ANY (%s)").format(sql.Identifier(contract.LAST_RUNS))


def word(status: str) -> str:
    """Our word for a state that Dagster names."""
    return next((ours for ours, theirs in STATUSES.items() if status in theirs), status.lower())


def tell(database_url: str, counts: Mapping[tuple[str, str], int], ended: Iterable[LastRun]) -> None:
    """Write how many runs there are by job and state, and which ended last. Raises DependencyAway."""
    now = datetime.now(UTC)
    rows = [(job, status, runs, now) for (job, status), runs in counts.items()]
    ends = [(run.job, run.source, run.status, run.run_id, run.ended_at, run.seconds) for run in ended]
    with _connected(database_url) as connection, connection.cursor() as cursor:
        cursor.executemany(_COUNT, rows)
        cursor.executemany(_END, ends)


def last_runs(database_url: str) -> set[str]:
    """The ids of the runs of which it is told how they ended. Raises DependencyAway."""
    with _connected(database_url) as connection:
        return {run_id for (run_id,) in connection.execute(_KNOWN)}


def forget(database_url: str, run_ids: Iterable[str]) -> None:
    """Tell no longer of runs that Dagster has forgotten. Raises DependencyAway."""
    with _connected(database_url) as connection:
        connection.execute(_FORGET, [list(run_ids)])


@contextmanager
def _connected(database_url: str) -> Iterator[psycopg.Connection]:
    try:
        with connected(database_url) as connection:
            yield connection
    except psycopg.errors.UndefinedTable:
        raise Refused("the database has no tables for what is told of runs: run `rosterhub migrate` first") from None


def dagster_statuses(words: Iterable[str]) -> list[str]:
    """Dagster's names of the states that our words stand for."""
    return [status for one in words for status in STATUSES[one]]
