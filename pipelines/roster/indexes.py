"""The secondary indexes of the roster tables, as the declarations ask for them: what clients filter and sort by.

What they cost and gain is measured in docs/decisions/0003-secondary-indexes.md. Tables and keys are in `schema`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines import contract
from pipelines.oneroster.entity import Column, Entity, Kind, Lookup

TRIGRAMS = "pg_trgm"  # the extension that finds a part of a text by an index
_TRIGRAM_OPERATORS = "gin_trgm_ops"  # the operator class that it brings


@dataclass(frozen=True, slots=True)
class Index:
    """An index of one table. `only` is the condition of a partial one; `needs` the operator class of an extension."""

    name: str
    table: str
    keys: tuple[str, ...]
    method: str = "btree"
    only: str = ""
    needs: str = ""

    @property
    def ddl(self) -> str:
        """CREATE INDEX, without effect where it exists or what it needs does not."""
        only = f" WHERE {self.only}" if self.only else ""
        keys = ", ".join(self.keys)
        create = f"CREATE INDEX IF NOT EXISTS {self.name} ON {self.table} USING {self.method} ({keys}){only}"
        if not self.needs:
            return create
        usable = f"SELECT FROM pg_opclass WHERE opcname = '{self.needs}' AND pg_opclass_is_visible(oid)"
        return f"DO $$ BEGIN IF EXISTS ({usable}) THEN {create}; END IF; END $$"


def index_ddl(entity: Entity) -> list[str]:
    """The statements that make an entity's secondary indexes.

    They are run after the first COPY into an empty table, which takes about half of the time that filling them row by
    row would; CREATE INDEX keeps writers out, never readers.
    """
    return [index.ddl for index in indexes(entity)]


def indexes(entity: Entity) -> Iterator[Index]:
    """By what clients look records up, by the publication that delta reads ask for, and what dangles."""
    for column in entity.columns:
        if lookup := _lookup(entity, column):
            yield _by_value(entity, column, lookup)
        if column.usual:
            yield _by_unusual(entity, column)
        if column.kind is Kind.REFS:
            yield _of(entity, column.field, quoted(column.field), method="gin")
    if not entity.embedding:
        yield _of(entity, contract.PUBLICATION, contract.SOURCE, contract.PUBLICATION)
    if parts := tuple(f"{quoted(column.field)} {_TRIGRAM_OPERATORS}" for column in entity.columns if column.searched):
        yield _of(entity, "searched", *parts, method="gin", needs=_TRIGRAM_OPERATORS)
    yield _of(entity, contract.DANGLING, contract.SOURCE, only=f"{contract.DANGLING} IS NOT NULL")


def quoted(name: str) -> str:
    """An identifier from the declarations, quoted: `primary` and `class` are words of SQL."""
    return f'"{name}"'


def _lookup(entity: Entity, column: Column) -> Lookup:
    """Records are looked up by whatever they refer to, embedded rows by their owner; the rest is declared."""
    if column.lookup:
        return column.lookup
    if entity.embedding:
        return "few" if column.name == entity.embedding.owner else ""
    return "many" if column.kind is Kind.REF else ""


def _by_value(entity: Entity, column: Column, lookup: Lookup) -> Index:
    """Where many records share a value, their ids are kept in order too: a page of them is read without sorting, and
    without walking the primary key in the hope that they lie near its beginning."""
    ordered = (_shown_by(entity),) if lookup == "many" else ()
    return _of(entity, column.field, contract.SOURCE, quoted(column.field), *ordered)


def _by_unusual(entity: Entity, column: Column) -> Index:
    """Of all records but the usual ones, which the primary key finds anywhere."""
    keys = contract.SOURCE, quoted(column.field), _shown_by(entity)
    return _of(entity, column.field, *keys, only=f"{quoted(column.field)} <> '{column.usual}'")


def _shown_by(entity: Entity) -> str:
    """What holds the id of the record that shows a row."""
    if entity.embedding:
        return quoted(entity.column(entity.embedding.owner).field)
    return contract.SOURCED_ID


def _of(entity: Entity, name: str, *keys: str, method: str = "btree", only: str = "", needs: str = "") -> Index:
    return Index(f"{entity.table}_{name}", entity.table, keys, method, only, needs)
