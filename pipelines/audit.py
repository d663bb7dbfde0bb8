"""The audit log as an operator uses it: read out, and cut off at its age. The API writes it and cannot read it.

Its rows hold no values of queries and nothing of answers, but they do say who asked when and from where.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from pipelines.connecting import connect
from pipelines.contract import AUDIT_LOGS
from pipelines.errors import Refused

_TABLE = sql.Identifier(AUDIT_LOGS)
_BATCH = 5_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: from `since` on, before `until`, of one key; None for all."""

    since: datetime | None = None
    until: datetime | None = None
    key: str | None = None


@contextmanager
def opened(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection for the functions below, whose transaction is committed at the end; Refused if there is no log."""
    try:
        with connect(database_url) as connection:
            yield connection
    except psycopg.errors.UndefinedTable:
        raise Refused("the database has no audit log yet: run `rosterhub migrate` first") from None


def exported(connection: psycopg.Connection, wanted: Wanted) -> Iterator[Row]:
    """The rows in order of time, each as its columns; they are fetched as they are asked for."""
    query = sql.SQL(
        "SELECT * FROM {} WHERE (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)"
        " AND (%(until)s::timestamptz IS NULL OR created_at < %(until)s)"
        " AND (%(key)s::text IS NULL OR key = %(key)s) ORDER BY created_at, id"
    ).format(_TABLE)
    values = {"since": wanted.since, "until": wanted.until, "key": wanted.key}
    with connection.cursor("audit", row_factory=dict_row) as cursor:
        cursor.itersize = _BATCH
        yield from cursor.execute(query, values)


def prune(connection: psycopg.Connection, older_than_days: int) -> int:
    """Remove what is older than that, and say how many rows it was."""
    statement = sql.SQL("DELETE FROM {} WHERE created_at < now() - make_interval(days => %s)").format(_TABLE)
    return connection.execute(statement, [older_than_days]).rowcount


def write_json(rows: Iterator[Row], out: TextIO) -> None:
    """A JSON object a line."""
    for row in rows:
        out.write(json.dumps(row, default=_text, ensure_ascii=False) + "\n")


def write_csv(rows: Iterator[Row], out: TextIO) -> None:
    """CSV with a header. Texts that a spreadsheet would take for a formula get a quote in front."""
    writer: Any = None
    for row in rows:
        if writer is None:
            writer = csv.writer(out)
            writer.writerow(row)
        writer.writerow(_cells(list(row.values())))


def _cells(values: Sequence[object]) -> list[str]:
    texts = ("" if value is None else _text(value) for value in values)
    return [f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text for text in texts]


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
