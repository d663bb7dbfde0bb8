"""Delta rows whose required target has not come yet: kept, and taken up again by every later publication.

They end when they are accepted, when a newer row of the same record comes, or when a bulk file of their entity does.
"""

from dataclasses import replace
from pathlib import Path

import polars as pl
import psycopg

from pipelines import contract
from pipelines.frames import REJECTED_SCHEMA, accepted_schema
from pipelines.handover import StagedBundle, StagedFile
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import BY_NAME

TEMPORAL_FORMATS = {pl.Date: "%Y-%m-%d", pl.Datetime: "%Y-%m-%dT%H:%M:%S%.6f"}


def take_up(connection: psycopg.Connection, source: str, staged: StagedBundle, folder: Path) -> StagedBundle:
    """The staged bundle with the waiting rows of the source among its delta rows."""
    files = dict(staged.files)
    query = "SELECT entity, row::text FROM waiting_rows WHERE source = %s ORDER BY entity, sourced_id"
    waiting: dict[str, list[str]] = {}
    for entity, row in connection.execute(query, (source,)):
        waiting.setdefault(entity, []).append(row)
    for entity, rows in waiting.items():
        if staged.mode(entity) is not Mode.BULK:
            files[entity] = _with_rows(files.get(entity), entity, rows, folder)
    return replace(staged, files=files)


def put_aside(
    connection: psycopg.Connection, source: str, staged: StagedBundle, waiting: dict[str, pl.DataFrame]
) -> None:
    """Store what waits after this publication; what was taken up or superseded is forgotten."""
    judged = list(staged.files)
    connection.execute("DELETE FROM waiting_rows WHERE source = %s AND entity = ANY(%s)", (source, judged))
    values = [
        (source, entity, row["sourced_id"], row["waits_for"], row["json"], staged.fingerprint)
        for entity, rows in waiting.items()
        for row in _as_json(rows).iter_rows(named=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO waiting_rows (source, entity, sourced_id, waits_for, row, fingerprint)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            values,
        )


def _as_json(rows: pl.DataFrame) -> pl.DataFrame:
    content = rows.drop("waits_for", contract.DANGLING)
    plain = content.with_columns(
        pl.col(name).dt.strftime(TEMPORAL_FORMATS[dtype.base_type()])
        for name, dtype in content.schema.items()
        if dtype.is_temporal()
    )
    return rows.select("sourced_id", "waits_for").with_columns(
        plain.select(pl.struct(pl.all()).struct.json_encode().alias("json"))
    )


def _with_rows(file: StagedFile | None, entity: str, rows: list[str], folder: Path) -> StagedFile:
    """A delta file of the bundle's own rows and the waiting ones that it does not supersede."""
    schema = pl.Schema(accepted_schema(BY_NAME[entity]))
    waiting = _from_json(rows, schema)
    sent = pl.read_parquet(file.accepted_path, columns=schema.names()) if file else waiting.clear()
    merged = pl.concat([sent, waiting.join(sent, on="sourced_id", how="anti")])
    accepted, rejected = folder / f"{entity}.waiting.parquet", folder / f"{entity}.rejected.parquet"
    merged.write_parquet(accepted)
    if file:
        return replace(file, accepted_path=accepted, accepted=len(merged))
    pl.DataFrame(schema=REJECTED_SCHEMA).write_parquet(rejected)
    return StagedFile(entity, Mode.DELTA, accepted, rejected, len(merged), 0, 0)


def _from_json(rows: list[str], schema: pl.Schema) -> pl.DataFrame:
    plain = {name: pl.String() if dtype.is_temporal() else dtype for name, dtype in schema.items()}
    frame = pl.Series("row", rows).str.json_decode(pl.Struct(plain)).struct.unnest()
    return frame.with_columns(_temporal(name, dtype) for name, dtype in schema.items() if dtype.is_temporal()).select(
        schema.names()
    )


def _temporal(name: str, dtype: pl.DataType) -> pl.Expr:
    form = TEMPORAL_FORMATS[dtype.base_type()]
    if dtype == pl.Date:
        return pl.col(name).str.to_date(form)
    return pl.col(name).str.to_datetime(form, time_unit="us").dt.replace_time_zone("UTC")
