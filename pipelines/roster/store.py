"""What is stored of one source, read inside the publishing transaction: ids, rows, single columns.

Rows come as text through COPY and polars, which is several times faster than fetching tuples; dates, numbers and lists
are brought back to the types of a staged frame, so that both sides compare value by value.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import polars as pl
import psycopg
from psycopg import sql

from pipelines import contract
from pipelines.frames import UTC, Schema, content_schema
from pipelines.oneroster.entity import LISTS, Column, Entity

ITEM_SEPARATOR = "\x1f"
STORED_STATUS = "stored_status"


class Store(Protocol):
    """Read access to one source's stored records."""

    def ids(self, entity: Entity) -> pl.Series:
        """Every sourcedId ever stored and not purged, tombstones included."""

    def existing(self, entity: Entity, ids: pl.Series) -> pl.Series:
        """Those of the ids that are stored."""

    def values(self, entity: Entity, field: str) -> pl.DataFrame:
        """`sourced_id` and one column of all stored records."""

    def rows(self, entity: Entity, ids: pl.Series | None = None, field: str = contract.SOURCED_ID) -> pl.LazyFrame:
        """Stored records: `sourced_id`, `stored_status`, the source's date, content as in a staged frame, dangling.

        All of them, or those that have one of `ids` in `field`.
        """

    def is_empty(self, entity: Entity) -> bool:
        """Whether the source has no record of that entity."""

    def active(self, entity: Entity) -> int:
        """How many records of the source are no tombstones."""


class NoStore:
    """A store with nothing in it: `rosterhub check` judges a bundle by itself."""

    def ids(self, entity: Entity) -> pl.Series:
        return pl.Series(dtype=pl.String)

    def existing(self, entity: Entity, ids: pl.Series) -> pl.Series:
        return pl.Series(dtype=pl.String)

    def values(self, entity: Entity, field: str) -> pl.DataFrame:
        return pl.DataFrame(schema={contract.SOURCED_ID: pl.String(), field: pl.String()})

    def rows(self, entity: Entity, ids: pl.Series | None = None, field: str = contract.SOURCED_ID) -> pl.LazyFrame:
        return pl.LazyFrame(schema=row_schema(entity))

    def is_empty(self, entity: Entity) -> bool:
        return True

    def active(self, entity: Entity) -> int:
        return 0


class PostgresStore:
    """The stored records of one source, through a connection that is in a transaction."""

    def __init__(self, connection: psycopg.Connection, source: str, workspace: Path):
        self.connection = connection
        self.source = source
        self.workspace = workspace

    def ids(self, entity: Entity) -> pl.Series:
        query = sql.SQL("SELECT sourced_id FROM {} WHERE source = {}").format(_table(entity), self.source)
        return self._copy(query, {contract.SOURCED_ID: pl.String()}).collect()[contract.SOURCED_ID]

    def existing(self, entity: Entity, ids: pl.Series) -> pl.Series:
        query = sql.SQL("SELECT sourced_id FROM {} WHERE source = %s AND sourced_id = ANY(%s)").format(_table(entity))
        found = self.connection.execute(query, (self.source, ids.to_list())).fetchall()
        return pl.Series([row[0] for row in found], dtype=pl.String)

    def values(self, entity: Entity, field: str) -> pl.DataFrame:
        query = sql.SQL("SELECT sourced_id, {} FROM {} WHERE source = {}").format(
            sql.Identifier(field), _table(entity), self.source
        )
        return self._copy(query, {contract.SOURCED_ID: pl.String(), field: pl.String()}).collect()

    def rows(self, entity: Entity, ids: pl.Series | None = None, field: str = contract.SOURCED_ID) -> pl.LazyFrame:
        condition = sql.SQL("source = {}").format(self.source)
        if ids is not None:
            condition += sql.SQL(" AND {} = ANY({})").format(sql.Identifier(field), ids.to_list())
        columns = sql.SQL(", ").join(map(_as_text, entity.stored))
        query = sql.SQL(
            "SELECT sourced_id, status, sent_date_last_modified AT TIME ZONE 'UTC', {}, metadata, dangling"
            " FROM {} WHERE {}"
        ).format(columns, _table(entity), condition)
        text = self._copy(query, {name: pl.String() for name in row_schema(entity)})
        return text.select(_from_text(name, dtype) for name, dtype in row_schema(entity).items())

    def is_empty(self, entity: Entity) -> bool:
        query = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE source = %s)").format(_table(entity))
        row = self.connection.execute(query, (self.source,)).fetchone()
        return not (row and row[0])

    def active(self, entity: Entity) -> int:
        query = sql.SQL("SELECT count(*) FROM {} WHERE source = %s AND status = %s").format(_table(entity))
        row = self.connection.execute(query, (self.source, contract.ACTIVE)).fetchone()
        return row[0] if row else 0

    def _copy(self, query: sql.Composable, schema: Schema) -> pl.LazyFrame:
        """The result of a query as a lazy frame of text, through a file: its size does not matter."""
        with tempfile.NamedTemporaryFile(dir=self.workspace, suffix=".csv", delete=False) as file:
            statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(query)
            with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
                for chunk in copy:
                    file.write(chunk)
        if Path(file.name).stat().st_size == 0:
            return pl.LazyFrame(schema=schema)
        return pl.scan_csv(file.name, has_header=False, schema=schema, glob=False)


def row_schema(entity: Entity) -> Schema:
    """The columns of `Store.rows` and their types."""
    leading: Schema = {contract.SOURCED_ID: pl.String(), STORED_STATUS: pl.String(), contract.SENT_DATE: UTC}
    return {**leading, **content_schema(entity), contract.DANGLING: pl.String()}


def _table(entity: Entity) -> sql.Identifier:
    return sql.Identifier(entity.table)


def _as_text(column: Column) -> sql.Composable:
    name = sql.Identifier(column.field)
    if column.kind in LISTS:
        return sql.SQL("array_to_string({}, {})").format(name, ITEM_SEPARATOR)
    return name


def _from_text(name: str, dtype: pl.DataType) -> pl.Expr:
    text = pl.col(name)
    if dtype == pl.Boolean:
        return (text == "t").alias(name)
    if dtype == pl.Date:
        return text.str.to_date("%Y-%m-%d")
    if isinstance(dtype, pl.Datetime):
        return text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us").dt.replace_time_zone("UTC")
    if dtype == pl.List(pl.String):
        return text.str.split(ITEM_SEPARATOR)
    return text.cast(dtype)


def union_of(series: Iterable[pl.Series]) -> pl.Series:
    """All values of several id series, each once."""
    return pl.concat([one.cast(pl.String) for one in series] or [pl.Series(dtype=pl.String)]).drop_nulls().unique()
