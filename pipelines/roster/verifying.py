"""What is stored held against what the ledger says: counts, publications, feed, references; and checksums to compare.

Everything is read in one snapshot; nothing is changed. A fault is a sentence, for an operator.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from pipelines import checksums, contract
from pipelines.connecting import connect
from pipelines.contract import ChangeKind
from pipelines.errors import Refused
from pipelines.oneroster.entity import Column, Entity, Kind
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.progress import Progress, silent
from pipelines.roster import ledger


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """Rows of an entity, and the sum of their hashes, whatever their order: equal stores have equal sums."""

    rows: int
    active: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found of a source; without faults it is as the ledger says."""

    source: str
    generation: int
    entities: dict[str, EntityFacts]
    faults: tuple[str, ...]


_FACTS = sql.SQL(
    "SELECT count(*), count(*) FILTER (WHERE status = %(active)s), {checksum} FROM {table} t WHERE source = %(source)s"
)
_TOTALS = sql.SQL("SELECT entity, records FROM {} WHERE source = %(source)s AND generation = %(generation)s").format(
    sql.Identifier(contract.TOTALS)
)
_OF_NO_PUBLICATION = sql.SQL(
    "SELECT count(*) FROM {table} t LEFT JOIN {publications} p ON p.id = t.publication_id AND p.source = t.source"
    " WHERE t.source = %(source)s AND (p.id IS NULL OR p.id > %(served)s)"
)
_NOT_AS_TOLD = sql.SQL(
    "SELECT count(*) FROM {changes} c CROSS JOIN unnest(c.ids) AS told (id)"
    " LEFT JOIN {table} t ON t.source = c.source AND t.sourced_id = told.id"
    " WHERE c.source = %(source)s AND c.generation = %(generation)s AND c.entity = {entity}"
    " AND CASE WHEN c.kind = %(purged)s THEN t.sourced_id IS NOT NULL"
    " ELSE t.publication_id IS DISTINCT FROM %(served)s END"
)
_DANGLING = sql.SQL(
    "SELECT count(*) FROM {table} t {ids} WHERE t.source = %(source)s AND t.status = %(active)s"
    " AND named.id IS NOT NULL AND NOT EXISTS"
    " (SELECT FROM {target} x WHERE x.source = t.source AND x.sourced_id = named.id)"
)


def verify(database_url: str, source: str, progress: Progress = silent) -> Verification:
    """Everything about one source. Raises Refused if nothing of it was ever published."""
    with connect(database_url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        checksums.fix_texts(connection)
        served = ledger.last_published(connection, source)
        if served is None:
            raise Refused(f"nothing of {source} was ever published")
        return _verified(_Store(connection, source, ledger.generation_of(connection, source), served["id"]), progress)


def sources(database_url: str) -> list[str]:
    """Every source of which something is served."""
    statement = sql.SQL("SELECT source FROM {} WHERE publication_id IS NOT NULL ORDER BY source")
    with connect(database_url) as connection:
        return [name for (name,) in connection.execute(statement.format(sql.Identifier(contract.SOURCES)))]


@dataclass(frozen=True)
class _Store:
    connection: psycopg.Connection
    source: str
    generation: int
    served: int

    def count(self, query: sql.SQL, **names: sql.Composable) -> int:
        return int(self.row(query, **names)[0])

    def row(self, query: sql.SQL, **names: sql.Composable) -> tuple[Any, ...]:
        row = self.connection.execute(query.format(**names), self.values).fetchone()
        assert row is not None  # noqa: S101  an aggregate always answers
        return row

    @property
    def values(self) -> dict[str, object]:
        told = {"source": self.source, "generation": self.generation, "served": self.served}
        return told | {"active": contract.ACTIVE, "purged": ChangeKind.PURGED}


def _verified(store: _Store, progress: Progress) -> Verification:
    found: dict[str, EntityFacts] = {}
    faults: list[str] = []
    for entity in ENTITIES:
        progress(entity.name)
        found[entity.name] = EntityFacts(*store.row(_FACTS, checksum=checksums.OF_ROWS, table=_table(entity)))
        faults += _faults(store, entity)
    return Verification(store.source, store.generation, found, (*_miscounted(store, found), *faults))


def _faults(store: _Store, entity: Entity) -> Iterator[str]:
    if strays := store.count(
        _OF_NO_PUBLICATION, table=_table(entity), publications=sql.Identifier(contract.PUBLICATIONS)
    ):
        yield f"{entity.name}: {strays} rows are of no publication that the ledger has for what is served"
    if differing := store.count(
        _NOT_AS_TOLD, table=_table(entity), changes=sql.Identifier(contract.CHANGES), entity=sql.Literal(entity.name)
    ):
        yield f"{entity.name}: {differing} records are not as the feed of generation {store.generation} says"
    for column in entity.references:
        if dangling := store.count(
            _DANGLING, table=_table(entity), ids=_ids(column), target=_table(BY_NAME[column.to])
        ):
            yield f"{entity.name}.{column.name}: {dangling} active rows name {column.to} that are not there"


def _miscounted(store: _Store, found: dict[str, EntityFacts]) -> Iterator[str]:
    for name, records in store.connection.execute(_TOTALS, store.values):
        if found[name].rows != records:
            yield f"{name}: {found[name].rows} records are stored, the ledger counted {records}"


def _ids(column: Column) -> sql.Composed:
    """The ids that a column names, as the column `id` of `named`."""
    name = sql.Identifier("t", column.field)
    if column.kind is Kind.REFS:
        return sql.SQL("CROSS JOIN LATERAL unnest({}) AS named (id)").format(name)
    return sql.SQL("CROSS JOIN LATERAL (SELECT {} AS id) named").format(name)


def _table(entity: Entity) -> sql.Identifier:
    return sql.Identifier(entity.table)
