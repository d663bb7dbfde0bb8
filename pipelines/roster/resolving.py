"""Stored references that dangled and whose target has now come, and records shown differently by another's change."""

from collections.abc import Iterable

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from pipelines.oneroster.entity import Column, Entity, Kind
from pipelines.oneroster.registry import BY_NAME, ENTITIES

Row = tuple[str, dict[str, list[str]]]


def resolve_stored(connection: psycopg.Connection, source: str, publication: int, judged: Iterable[str]) -> int:
    """Serve the dangling references of stored records, of entities that this package does not bring in bulk, whose
    target exists by now; how many records changed."""
    skipped, changed = set(judged), 0
    for entity in ENTITIES:
        if entity.name in skipped:
            continue
        query = sql.SQL("SELECT sourced_id, dangling FROM {} WHERE source = %s AND dangling IS NOT NULL")
        rows: list[Row] = connection.execute(query.format(sql.Identifier(entity.table)), (source,)).fetchall()
        for column in entity.references:
            changed += _resolve_column(connection, source, publication, entity, column, rows)
    return changed


def _resolve_column(
    connection: psycopg.Connection, source: str, publication: int, entity: Entity, column: Column, rows: list[Row]
) -> int:
    wanted = {target for _, dangling in rows for target in dangling.get(column.name, ())}
    if not wanted:
        return 0
    query = sql.SQL("SELECT sourced_id FROM {} WHERE source = %s AND sourced_id = ANY(%s)")
    target_table = sql.Identifier(BY_NAME[column.to].table)
    found = {row[0] for row in connection.execute(query.format(target_table), (source, list(wanted)))}
    changed = 0
    for sourced_id, dangling in rows:
        come = [target for target in dangling.get(column.name, ()) if target in found]
        if come:
            _serve(connection, source, publication, entity, column, sourced_id, come, dangling)
            changed += 1
    return changed


def _serve(  # noqa: PLR0913, PLR0917  one record's column
    connection: psycopg.Connection,
    source: str,
    publication: int,
    entity: Entity,
    column: Column,
    sourced_id: str,
    come: list[str],
    dangling: dict[str, list[str]],
) -> None:
    left = [target for target in dangling.pop(column.name) if target not in come]
    if left:
        dangling[column.name] = left
    name = sql.Identifier(column.field)
    value = sql.SQL("array_cat({}, %s)").format(name) if column.kind is Kind.REFS else sql.SQL("%s")
    connection.execute(
        sql.SQL(
            "UPDATE {} SET {} = {}, dangling = %s, publication_id = %s WHERE source = %s AND sourced_id = %s"
        ).format(sql.Identifier(entity.table), name, value),
        (
            come if column.kind is Kind.REFS else come[0],
            Jsonb(dangling) if dangling else None,
            publication,
            source,
            sourced_id,
        ),
    )


def touch_by_session_type(connection: psycopg.Connection, source: str, publication: int, sessions: list[str]) -> None:
    """Move the date of records that name one of these sessions in another property than before."""
    for entity in ENTITIES:
        for column in entity.references:
            if column.json_by_type != ("", ""):
                statement = sql.SQL("UPDATE {} SET publication_id = %s WHERE source = %s AND {} = ANY(%s)")
                connection.execute(
                    statement.format(sql.Identifier(entity.table), sql.Identifier(column.field)),
                    (publication, source, sessions),
                )
