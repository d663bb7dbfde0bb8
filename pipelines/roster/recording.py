"""The change feed of a publication: which records it moved and how, written before the commit.

Which they are is read from the tables, where every record whose date moved carries the publication's id, so the feed
cannot tell of others than the dates do. The change set only knows how. Records that REST shows inside others are not
listed: theirs is a change of the record that shows them.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from pipelines import contract
from pipelines.contract import ChangeKind
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.registry import ENTITIES, owner_of
from pipelines.roster import ledger
from pipelines.roster.changes import EntityChanges

_MOVED = """
INSERT INTO {changes} (source, generation, part, publication_id, entity, kind, ids)
SELECT %(source)s, %(generation)s, %(parts)s + row_number() OVER (ORDER BY kind, part), %(publication)s, %(entity)s,
  kind, ids
FROM (
  SELECT kind, part, array_agg(sourced_id) AS ids
  FROM (
    SELECT kind, sourced_id, (row_number() OVER (PARTITION BY kind ORDER BY sourced_id) - 1) / %(size)s AS part
    FROM (
      SELECT sourced_id, coalesce(told.kind, %(otherwise)s) AS kind
      FROM {table} LEFT JOIN unnest(%(ids)s::text[], %(kinds)s::text[]) AS told (sourced_id, kind) USING (sourced_id)
      WHERE source = %(source)s AND publication_id = %(publication)s
      UNION ALL SELECT sourced_id, %(purged)s FROM unnest(%(purged_ids)s::text[]) AS purged (sourced_id)
    ) AS moved
  ) AS numbered
  GROUP BY kind, part
) AS parts
"""


# The same where all records of the source are new: one walk along the primary key, which takes half of the time for
# millions of them. The planner knows nothing of rows that have only now been written, and would find every single part
# by some other index and sort it; with sorting off the primary key alone gives the order.
_CREATED = """
INSERT INTO {changes} (source, generation, part, publication_id, entity, kind, ids)
WITH RECURSIVE cut (part, ids) AS (
  SELECT 1, ARRAY(
    SELECT sourced_id FROM {table} WHERE source = %(source)s AND publication_id = %(publication)s
    ORDER BY sourced_id LIMIT %(size)s)
  UNION ALL
  SELECT part + 1, ARRAY(
    SELECT sourced_id FROM {table} WHERE source = %(source)s AND publication_id = %(publication)s
    AND sourced_id > ids[%(size)s] ORDER BY sourced_id LIMIT %(size)s)
  FROM cut WHERE cardinality(ids) = %(size)s
)
SELECT %(source)s, %(generation)s, %(parts)s + part, %(publication)s, %(entity)s, %(created)s, ids
FROM cut WHERE ids <> '{{}}'
"""


def record(
    connection: psycopg.Connection,
    source: str,
    publication: int,
    changes: Mapping[str, EntityChanges],
    purged: Mapping[str, list[str]],
) -> None:
    """Write down what a publication did to the records of its source: to be called when it has done all of it.

    `changes` may lack entities, whose moved records were changed; `purged` has the ids that are no longer there.
    """
    generation, parts = ledger.generation_of(connection, source) + 1, 0
    for entity in ENTITIES:
        if owner_of(entity) is None:
            place = {"source": source, "generation": generation, "publication": publication, "parts": parts}
            values = {**place, "size": contract.CHANGES_IN_A_ROW, "entity": entity.name}
            changed = changes.get(entity.name)
            if changed and changed.first:
                parts += _record_first(connection, entity, values)
            else:
                parts += _record_moved(connection, entity, values, changed, purged.get(entity.name, []))


def _record_first(connection: psycopg.Connection, entity: Entity, values: dict[str, Any]) -> int:
    """All records of the entity are new; how many rows of the feed that makes."""
    connection.execute("SET LOCAL enable_sort = off")
    rows = connection.execute(_of(entity, _CREATED), {**values, "created": ChangeKind.CREATED}).rowcount
    connection.execute("RESET enable_sort")
    return rows


def _record_moved(
    connection: psycopg.Connection,
    entity: Entity,
    values: dict[str, Any],
    changed: EntityChanges | None,
    purged: list[str],
) -> int:
    """Some records moved, most of them by a change; how many rows of the feed that makes."""
    told = _told_apart(changed) if changed else {}
    what = {
        "otherwise": ChangeKind.CHANGED,
        "ids": [id for ids in told.values() for id in ids],
        "kinds": [kind for kind, ids in told.items() for _ in ids],
        "purged": ChangeKind.PURGED,
        "purged_ids": purged,
    }
    return connection.execute(_of(entity, _MOVED), {**values, **what}).rowcount


def _told_apart(changed: EntityChanges) -> dict[ChangeKind, list[str]]:
    """The records that something else happened to than a change."""
    returned = changed.replaced.filter(pl.col("kind") == "returned")
    return {
        ChangeKind.CREATED: _ids(changed.inserted.select(contract.SOURCED_ID).collect()),
        ChangeKind.RETURNED: _ids(returned),
        ChangeKind.DELETED: _ids(changed.gone),
    }


def _ids(frame: pl.DataFrame) -> list[str]:
    return frame[contract.SOURCED_ID].to_list()


def _of(entity: Entity, statement: str) -> sql.Composed:
    return sql.SQL(statement).format(changes=sql.Identifier(contract.CHANGES), table=sql.Identifier(entity.table))
