"""The secondary indexes of the roster tables, as the declarations ask for them: what clients filter and sort by.

What they cost and gain is measured in docs/decisions/0003-secondary-indexes.md. Tables and keys are in `schema`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from pipelines import contract
from pipelines.errors import Refused
from pipelines.oneroster.entity import Column, Entity, Kind, Lookup
from pipelines.oneroster.registry import ENTITIES

# The extensions by which a part of a text is found: one takes texts apart, the other keeps sources apart in the same
# index, without which a search would look at the matches of all sources.
EXTENSIONS = ("pg_trgm", "btree_gin")
_TRIGRAM_OPERATORS = "gin_trgm_ops"  # the operator classes that they bring
_SEARCHING = (_TRIGRAM_OPERATORS, "text_ops")


@dataclass(frozen=True, slots=True)
class Index:
    """An index of one table. `only` is the condition of a partial one; `needs`: operator classes of extensions."""

    name: str
    table: str
    keys: tuple[str, ...]
    method: str = "btree"
    only: str = ""
    needs: tuple[str, ...] = ()

    @property
    def ddl(self) -> str:
        """CREATE INDEX, without effect where it exists."""
        only = f" WHERE {self.only}" if self.only else ""
        keys = ", ".join(self.keys)
        return f"CREATE INDEX IF NOT EXISTS {self.name} ON {self.table} USING {self.method} ({keys}){only}"

    @property
    def step(self) -> str:
        """The same as a step of PL/pgSQL, without effect where what it needs is missing too."""
        if not self.needs:
            return f"{self.ddl};"
        return f"IF {self._is_possible} THEN {self.ddl}; END IF;"

    @property
    def _is_possible(self) -> str:
        """The condition, in SQL."""
        names = ", ".join(f"'{name}'" for name in self.needs)
        found = f"pg_opclass_is_visible(o.oid) AND a.amname = '{self.method}' AND o.opcname IN ({names})"
        return (
            f"(SELECT count(*) FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod WHERE {found}) = {len(self.needs)}"  # noqa: S608
        )


MAKE_INDEXES = "make_indexes"  # a function in the database, of a table's name


def make_indexes(connection: psycopg.Connection, table: str) -> None:
    """Make a roster table's secondary indexes, and statistics to plan reads by; those that are there stay.

    For after the first COPY into an empty table, which takes about half of the time that filling them row by row would.
    CREATE INDEX keeps writers out, never readers. Refused where the database is of a version without the function.
    """
    try:
        connection.execute(sql.SQL("SELECT {}(%s)").format(sql.Identifier(MAKE_INDEXES)), [table])
    except psycopg.errors.UndefinedFunction:
        raise Refused("the database is older than this program: its owner has to run `rosterhub migrate`") from None


def function_ddl() -> str:
    """The function behind `make_indexes`. Only the owner of a table may make its indexes; this is how whoever may
    publish has exactly those made that are declared. No object of the caller's is looked at: names are the schema's."""
    cases = "\n".join(_case(entity) for entity in ENTITIES)
    return f"""
CREATE OR REPLACE FUNCTION {MAKE_INDEXES}(of_table text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $make$
BEGIN
  CASE of_table
{cases}
  END CASE;
END $make$;
REVOKE EXECUTE ON FUNCTION {MAKE_INDEXES}(text) FROM PUBLIC;
"""


def _case(entity: Entity) -> str:
    steps = [*(index.step for index in indexes(entity)), f"ANALYZE {entity.table};"]
    return "\n".join([f"  WHEN '{entity.table}' THEN", *(f"    {step}" for step in steps)])


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
        yield _of(entity, "searched", contract.SOURCE, *parts, method="gin", needs=_SEARCHING)
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


def _of(
    entity: Entity, name: str, *keys: str, method: str = "btree", only: str = "", needs: tuple[str, ...] = ()
) -> Index:
    return Index(f"{entity.table}_{name}", entity.table, keys, method, only, needs)
