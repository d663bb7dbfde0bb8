"""In which order the values of a row come back: what sql.py selects and rendering reads, agreed on in one place.

A record's row:      RECORD, then a value per served column, then a type per typed column.
An embedded row:     EMBEDDED, then a value per served column.
"""

from api.collections import Collection
from pipelines.contract import METADATA, PUBLICATION, SOURCED_ID, STATUS
from pipelines.oneroster.entity import Column, Entity

RECORD = (SOURCED_ID, STATUS, PUBLICATION, METADATA)
ID_AT, STATUS_AT, PUBLICATION_AT, METADATA_AT = range(len(RECORD))

EMBEDDED = ("owner", SOURCED_ID)  # the first under the name of the column that holds the owner's id
OWNER_AT, EMBEDDED_ID_AT = range(len(EMBEDDED))


GROUPED_BY = "source"  # the property by which rows of the shape `groups` are grouped


def served(entity: Entity) -> tuple[Column, ...]:
    """The stored columns that REST shows."""
    return tuple(column for column in entity.stored if column.json)


def typed(entity: Entity) -> tuple[Column, ...]:
    """The references whose property depends on the type of what they refer to."""
    return tuple(column for column in served(entity) if column.json_by_type[0])


def place(entity: Entity, column: Column) -> int:
    """Where a served column's value stands, in a record's row or in an embedded one."""
    before = RECORD if entity.embedding is None else EMBEDDED
    return len(before) + served(entity).index(column)


def type_place(entity: Entity, column: Column) -> int:
    """Where the type of what a typed column refers to stands in a record's row."""
    return len(RECORD) + len(served(entity)) + typed(entity).index(column)


def owner_column(entity: Entity) -> Column:
    """The column of an embedded entity that names the record which shows its rows."""
    if entity.embedding is None:
        raise ValueError(f"{entity.name} is not embedded in anything")
    return entity.column(entity.embedding.owner)


def properties(collection: Collection) -> frozenset[str]:
    """The names of all that a record's JSON can have."""
    entity = collection.entity
    names = {
        "metadata",
        *(column.json for column in entity.columns),
        *(column.json_by_type[1] for column in entity.columns),
    }
    names |= {rows.embedding.json for rows in collection.embedded if rows.embedding}
    return frozenset(names - {""})
