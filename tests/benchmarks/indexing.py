"""What each secondary index costs and gains: `python -m tests.benchmarks.indexing URL`, of a database with one source.

Everything follows from the declared indexes: one query per index, of the kind that it is there for, run with it and
without it. What is changed is rolled back; readers wait meanwhile, so it is no command for a database in use.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from pipelines import contract
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
    query, values = _page(connection, index)
    with_it = _milliseconds(connection, query, values)
    size = _one(connection, f"SELECT pg_relation_size('{index.name}')")
    connection.execute(f"DROP INDEX {index.name}".encode())
    without = _milliseconds(connection, query, values)
    began = time.perf_counter()
    connection.execute(index.ddl.encode())
    return Measured(index, time.perf_counter() - began, size / 2**20, without, with_it)


def _page(connection: psycopg.Connection, index: Index) -> tuple[str, tuple[str, ...]]:
    """A page of 100 records in the index's order, and what it asks for: a value from the end of the table if any."""
    (source,) = connection.execute("SELECT source FROM sources").fetchone() or ("",)
    met, values = _met(connection, index)
    order = index.keys[2] if len(index.keys) > 2 and not index.needs else "sourced_id"
    return f"SELECT * FROM {index.table} WHERE source = %s AND {met} ORDER BY {order} LIMIT 100", (source, *values)


def _met(connection: psycopg.Connection, index: Index) -> tuple[str, tuple[str, ...]]:
    if index.needs:
        return f"{index.keys[0].split()[0]} ILIKE %s", (f"%{NOBODY}%",)
    if index.keys == ("source",):
        return index.only, ()
    column = index.keys[0 if index.method == "gin" else 1]
    if column == "publication_id":
        return "publication_id = -1", ()
    value = _last(connection, index, column)
    return (f"{column} @> ARRAY[%s]", (value,)) if index.method == "gin" else (f"{column} = %s", (value,))


def _last(connection: psycopg.Connection, index: Index, column: str) -> str:
    """The value, or first item, of the last record that has one and that a partial index covers."""
    only = f" AND {index.only}" if index.only else ""
    shown = f"{column}[1]" if index.method == "gin" else column
    query = f"SELECT {shown} FROM {index.table} WHERE {column} IS NOT NULL{only} ORDER BY sourced_id DESC LIMIT 1"
    row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else contract.TOMBSTONE


def _milliseconds(connection: psycopg.Connection, query: str, values: tuple[str, ...]) -> float:
    """The fastest of some runs, as PostgreSQL tells it; planned anew each time, with the values known."""
    with psycopg.ClientCursor(connection) as cursor:
        explained = f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) {query}".encode()
        return min(_told(cursor.execute(explained, values).fetchall()) for _ in range(RUNS))


def _told(plan: list[tuple[str]]) -> float:
    return float(plan[-1][0].split()[2])


def _one(connection: psycopg.Connection, query: str) -> float:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return float(row[0])


if __name__ == "__main__":
    main(sys.argv[1])
