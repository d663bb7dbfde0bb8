"""What a database holds, told by rows and a checksum per table: two databases with equal inventories are equal."""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from pipelines import checksums
from pipelines.connecting import connect


@dataclass(frozen=True)
class TableFacts:
    """How many rows, and the sum of their hashes: the order in which rows lie does not matter."""

    rows: int
    checksum: str


Inventory = dict[str, TableFacts]


def take(connection: psycopg.Connection) -> Inventory:
    """The inventory of every table in the schema public, as the connection's transaction sees it."""
    checksums.fix_texts(connection)
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return {name: _facts(connection, name) for (name,) in tables.fetchall()}


def of(database_url: str) -> Inventory:
    """The inventory of the database of that URL."""
    with connect(database_url) as connection:
        return take(connection)


def _facts(connection: psycopg.Connection, table: str) -> TableFacts:
    query = sql.SQL("SELECT count(*), {} FROM {} t").format(checksums.OF_ROWS, sql.Identifier("public", table))
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101  an aggregate always answers
    return TableFacts(*row)


def differences(expected: Inventory, found: Inventory) -> tuple[str, ...]:
    """A sentence per table that is not the same."""
    names = sorted(expected.keys() | found.keys())
    return tuple(
        _difference(name, expected.get(name), found.get(name)) for name in names if _differ(name, expected, found)
    )


def _differ(name: str, expected: Inventory, found: Inventory) -> bool:
    return expected.get(name) != found.get(name)


def _difference(name: str, expected: TableFacts | None, found: TableFacts | None) -> str:
    if expected is None:
        return f"table {name} was not there when the backup was made"
    if found is None:
        return f"table {name} is missing"
    if expected.rows != found.rows:
        return f"table {name} has {found.rows} rows, not {expected.rows}"
    return f"table {name} has {found.rows} rows, but not the same ones"
