"""A change set into the tables: what is new is copied in, what differs is rewritten, what is gone becomes a tombstone.

Only rows that change are written. Everything happens in the caller's transaction.
"""

from collections.abc import Iterable

import polars as pl
import psycopg
from psycopg import sql

from pipelines import contract
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.registry import BY_NAME
from pipelines.progress import Progress
from pipelines.roster.changes import EntityChanges
from pipelines.roster.indexes import make_indexes
from pipelines.roster.loading import copy_columns, copy_rows


def queue_for_first_rows(connection: psycopg.Connection, changes: Iterable[EntityChanges], progress: Progress) -> None:
    """Where a table is to get its first rows, wait for whoever brings first rows now, until this transaction ends.

    Two that build the same table's indexes at once would wait for each other for ever. To be called before any write.
    """
    if not any(changed.counts.inserted and _is_empty(connection, changed.entity) for changed in changes):
        return
    lock = "SELECT {}(hashtext('rosterhub first rows'))"
    row = connection.execute(lock.format("pg_try_advisory_xact_lock").encode()).fetchone()
    if row and not row[0]:
        progress("waiting for the first publication of another source")
        connection.execute(lock.format("pg_advisory_xact_lock").encode())


def apply(connection: psycopg.Connection, source: str, publication: int, changed: EntityChanges) -> None:
    """Write one entity's changes under that publication's id."""
    entity = changed.entity
    if changed.counts.inserted:
        _insert(connection, source, publication, entity, changed.inserted)
    if not changed.replaced.is_empty():
        _rewrite(connection, source, publication, entity, changed.replaced, dated=True)
    if not changed.silent.is_empty():
        _rewrite(connection, source, publication, entity, changed.silent, dated=False)
    if not changed.gone.is_empty():
        _bury(connection, source, publication, entity, changed.gone["sourced_id"].to_list())


def _insert(connection: psycopg.Connection, source: str, publication: int, entity: Entity, rows: pl.LazyFrame) -> None:
    """Copy new rows in; the first rows of all bring the table's secondary indexes, and statistics to plan reads by."""
    first = _is_empty(connection, entity)
    copy_rows(connection, entity.table, entity, rows, source, publication)
    if first:
        make_indexes(connection, entity.table)


def _is_empty(connection: psycopg.Connection, entity: Entity) -> bool:
    """Whether no source has a row of it."""
    query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(entity.table))
    row = connection.execute(query).fetchone()
    return not (row and row[0])


def _rewrite(
    connection: psycopg.Connection, source: str, publication: int, entity: Entity, rows: pl.DataFrame, *, dated: bool
) -> None:
    """Replace the content of stored rows; their date moves unless only hidden fields differ."""
    incoming = f"incoming_{entity.table}"
    table, temporary = sql.Identifier(entity.table), sql.Identifier(incoming)
    connection.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(temporary))
    connection.execute(
        sql.SQL("CREATE TEMP TABLE {} (LIKE {} INCLUDING DEFAULTS) ON COMMIT DROP").format(temporary, table)
    )
    copy_rows(connection, incoming, entity, rows.lazy(), source, publication)
    fixed = {contract.SOURCE, contract.SOURCED_ID} | (set() if dated else {contract.PUBLICATION})
    columns = [sql.Identifier(name) for name in copy_columns(entity) if name not in fixed]
    assignments = sql.SQL(", ").join(sql.SQL("{0} = incoming.{0}").format(column) for column in columns)
    connection.execute(
        sql.SQL("UPDATE {} AS stored SET {} FROM {} AS incoming WHERE stored.source = %s"
                " AND stored.sourced_id = incoming.sourced_id").format(table, assignments, temporary),
        (source,),
    )  # fmt: skip


def _bury(connection: psycopg.Connection, source: str, publication: int, entity: Entity, ids: list[str]) -> None:
    """Mark as deleted; the content stays as it was."""
    connection.execute(
        sql.SQL("UPDATE {} SET status = %s, publication_id = %s WHERE source = %s AND sourced_id = ANY(%s)").format(
            sql.Identifier(entity.table)
        ),
        (contract.TOMBSTONE, publication, source, ids),
    )


def touch(connection: psycopg.Connection, source: str, publication: int, owners: dict[str, set[str]]) -> int:
    """Move the date of records whose embedded rows changed; how many had not moved with their own row."""
    moved = 0
    for name, ids in owners.items():
        moved += connection.execute(
            sql.SQL(
                "UPDATE {} SET publication_id = %s WHERE source = %s AND sourced_id = ANY(%s) AND publication_id <> %s"
            ).format(sql.Identifier(BY_NAME[name].table)),
            (publication, source, list(ids), publication),
        ).rowcount
    return moved
