"""One checksum for many rows, in SQL: equal rows have equal checksums, in whatever order and on whichever server."""

import psycopg
from psycopg import sql

OF_ROWS = sql.SQL("coalesce(sum(hashtextextended(t::text, 0)), 0)::text")  # of a table or query named t


def fix_texts(connection: psycopg.Connection) -> None:
    """Rows are hashed as text, moments included: for the rest of the transaction these are written one way."""
    connection.execute("SET LOCAL timezone = 'UTC'")
