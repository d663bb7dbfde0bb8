"""The anchors of loading: the same rows by bare COPY into the same typed tables, with no check of anything.

A list cell of a bundle is not what PostgreSQL calls an array, a password is not stored, and a row has columns that no
file has (source, status, publication). So the files are converted to the tables' columns before the clock starts:
row by row in the file's own order, nothing sorted, nothing left out. What is timed is reading those files, COPY with
the primary keys present, the secondary indexes, and one commit.
"""

import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import psycopg
from psycopg import sql

from pipelines import contract
from pipelines.oneroster.entity import LISTS, Column, Entity, Kind
from pipelines.oneroster.registry import ENTITIES
from pipelines.roster.indexes import indexes
from pipelines.roster.loading import copy_columns

BLOCK_BYTES = 1 << 20
LEADING = {contract.SOURCE: "bench", contract.STATUS: contract.ACTIVE, contract.PUBLICATION: "1"}

Files = Mapping[Entity, Path]


def convert(bundle: Path, folder: Path) -> Files:
    """The bundle's files as `folder/<table>.csv` with the tables' columns."""
    folder.mkdir()
    converted = {}
    for entity in ENTITIES:
        file = bundle / f"{entity.name}.csv"
        if file.exists():
            converted[entity] = folder / f"{entity.table}.csv"
            rows = pl.scan_csv(file, infer_schema=False)
            rows.select(_as_stored(entity)).sink_csv(converted[entity], include_header=False)
    return converted


def _as_stored(entity: Entity) -> list[pl.Expr]:
    """The table's columns in the order of COPY; what a row of the file does not say is NULL."""
    cells = {column.field: _cell(column) for column in entity.stored}
    cells |= {contract.SOURCED_ID: pl.col("sourcedId")}
    cells |= {name: pl.lit(value) for name, value in LEADING.items()}
    return [cells.get(name, pl.lit(None, pl.String)).alias(name) for name in copy_columns(entity)]


def _cell(column: Column) -> pl.Expr:
    """A cell as COPY reads it: lists as array literals, everything else as it is."""
    cell = pl.col(column.name)
    if column.kind not in LISTS:
        return cell
    items = cell.str.replace_all(r"[{}]", "") if column.kind is Kind.PAIRS else cell
    escaped = items.str.replace_many(["\\", '"'], ["\\\\", '\\"'])
    return pl.concat_str(pl.lit('{"'), escaped.str.replace_all(",", '","', literal=True), pl.lit('"}'))


def copy_into_indexes(url: str, files: Files) -> float:
    """Seconds for COPY into tables that have their secondary indexes."""
    with psycopg.connect(url) as connection:
        _build_indexes(connection, files)
        connection.commit()
        began = time.perf_counter()
        _copy(connection, files)
        connection.commit()
        return time.perf_counter() - began


def copy_then_indexes(url: str, files: Files) -> float:
    """Seconds for COPY into tables that have only their keys, and for building the secondary indexes after it."""
    with psycopg.connect(url) as connection:
        began = time.perf_counter()
        _copy(connection, files)
        _build_indexes(connection, files)
        connection.commit()
        return time.perf_counter() - began


def _copy(connection: psycopg.Connection, files: Files) -> None:
    for entity, file in files.items():
        columns = sql.SQL(", ").join(map(sql.Identifier, copy_columns(entity)))
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(entity.table), columns)
        with connection.cursor() as cursor, cursor.copy(statement) as copy, file.open("rb") as rows:
            while block := rows.read(BLOCK_BYTES):
                copy.write(block)


def _build_indexes(connection: psycopg.Connection, files: Files) -> None:
    for entity in files:
        for index in indexes(entity):
            connection.execute(index.ddl.encode())
