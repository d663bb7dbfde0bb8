"""What each secondary index costs and gains: `python -m tests.benchmarks.indexing URL`, of a database with one source.

Everything follows from the declared indexes: one query per index, of the kind that it is there for, run with it and
without it. What is changed is rolled back; readers wait meanwhile, so it is no command for a database in use.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from pipelines.oneroster.registry import ENTITIES
from pipelines.roster.indexes import Index, indexes

FEWEST_ROWS = 1_000  # of a table for which it is worth looking
RUNS = 3
NOBODY = "Nobody has this"


@dataclass(frozen=True)
class Measured:
    """Seconds to build it, its size, and the milliseconds of a page without and with it."""

    index: Index
    seconds: float
    mebibytes: float
    without: float
    with_it: float

    def __str__(self) -> str:
        cost = f"{self.seconds:6.2f} s {self.mebibytes:7.1f} MiB"
        return f"{self.index.name:45} {cost} {self.without:9.2f} ms -> {self.with_it:7.2f} ms"


def main(url: str) -> None:
    """Measure and print."""
    with psycopg.connect(url) as connection:
        connection.execute("SET jit = off")
        for index in _worth_looking_at(connection):
            print(_measure(connection, index), flush=True)
            connection.rollback()


def _worth_looking_at(connection: psycopg.Connection) -> Iterator[Index]:
    for entity in ENTITIES:
        rows = _one(connection, f"SELECT count(*) FROM {entity.table}")
        if rows >= FEWEST_ROWS:
            yield from indexes(entity)


def _measure(connection: psycopg.Connection, index: Index) -> Measured:
    query = _page(connection, index)
    with_it = _milliseconds(connection, query)
    size = _one(connection, f"SELECT pg_relation_size('{index.name}')")
    connection.execute(f"DROP INDEX {index.name}".encode())
    without = _milliseconds(connection, query)
    began = time.perf_counter()
    connection.execute(index.ddl.encode())
    return Measured(index, time.perf_counter() - began, size / 2**20, without, with_it)


def _page(connection: psycopg.Connection, index: Index) -> str:
    """A page of 100 records that the index should find, of a value from the end of the table where it has any."""
    (source,) = connection.execute("SELECT source FROM sources").fetchone() or ("",)
    met = f"source = '{source}' AND {_met(connection, index)}"
    return f"SELECT * FROM {index.table} WHERE {met} ORDER BY sourced_id LIMIT 100"


def _met(connection: psycopg.Connection, index: Index) -> str:
    if index.needs:
        return f"{index.keys[0].split()[0]} ILIKE '%{NOBODY}%'"
    column = index.keys[-1] if index.method == "gin" else index.keys[min(1, len(index.keys) - 1)]
    if column == "source":
        return index.only
    only = f" AND {index.only}" if index.only else ""
    last = f"SELECT {column} FROM {index.table} WHERE {column} IS NOT NULL{only} ORDER BY sourced_id DESC LIMIT 1"
    if index.method == "gin":
        return f"{column} @> ({last})"
    if column == "publication_id":
        return "publication_id = -1"
    value = connection.execute(last.encode()).fetchone()
    return f"{column} = '{str(value[0]) if value else NOBODY}'"


def _milliseconds(connection: psycopg.Connection, query: str) -> float:
    """The fastest of some runs, as PostgreSQL tells it."""
    explained = f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) {query}".encode()
    return min(_told(connection.execute(explained).fetchall()) for _ in range(RUNS))


def _told(plan: list[tuple[str]]) -> float:
    return float(plan[-1][0].split()[2])


def _one(connection: psycopg.Connection, query: str) -> float:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return float(row[0])


if __name__ == "__main__":
    main(sys.argv[1])
