"""How many records of each entity a generation has: counted once, when it is published.

Every page that readers ask for says the total, and to count millions of rows after each publication would hold up all
of them. Records that REST shows inside others are not counted.
"""

import psycopg
from psycopg import sql

from pipelines import contract
from pipelines.contract import ChangeKind
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.registry import ENTITIES, owner_of
from pipelines.roster import ledger

_STALE = sql.SQL(
    "SELECT entity FROM {changes} WHERE source = %(source)s AND generation = %(generation)s AND kind = ANY (%(kinds)s)"
).format(changes=sql.Identifier(contract.CHANGES))

_KNOWN = sql.SQL("SELECT entity FROM {totals} WHERE source = %(source)s AND generation = %(generation)s - 1").format(
    totals=sql.Identifier(contract.TOTALS)
)

_COUNTED = sql.SQL(
    "INSERT INTO {totals} (source, entity, generation, records)"
    " SELECT %(source)s, %(entity)s, %(generation)s, count(*) FROM {table} WHERE source = %(source)s"
    " ON CONFLICT (source, entity) DO UPDATE SET records = excluded.records"
)

_VALID = sql.SQL("UPDATE {totals} SET generation = %(generation)s WHERE source = %(source)s").format(
    totals=sql.Identifier(contract.TOTALS)
)


def count(connection: psycopg.Connection, source: str) -> None:
    """Write down the totals of the generation that is being published, once its changes are recorded.

    Entities of which no record came or was purged have as many as before.
    """
    values = {"source": source, "generation": ledger.generation_of(connection, source) + 1}
    kinds = [ChangeKind.CREATED, ChangeKind.PURGED]
    stale = {name for (name,) in connection.execute(_STALE, {**values, "kinds": kinds})}
    known = {name for (name,) in connection.execute(_KNOWN, values)}
    for entity in ENTITIES:
        if owner_of(entity) is None and entity.name not in known - stale:
            connection.execute(_counting(entity), {**values, "entity": entity.name})
    connection.execute(_VALID, values)


def _counting(entity: Entity) -> sql.Composed:
    return _COUNTED.format(totals=sql.Identifier(contract.TOTALS), table=sql.Identifier(entity.table))
