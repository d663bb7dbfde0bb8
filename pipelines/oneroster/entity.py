"""The words the declarations are written in: Kind, Column, Entity, Embedding, and one builder per kind.

What may not enter: facts about any particular file (they are in rostering, resources and gradebook), and how a
kind is checked, stored or served (each reader keeps a table keyed by Kind beside itself).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Literal

from pipelines.oneroster.vocabularies import STATUS, Vocabulary

# How many records have one value of a column by which clients look them up; "" where they do not.
Lookup = Literal["", "few", "many"]


class Kind(Enum):
    """What a cell holds. The CSV binding's formats, with the two kinds of list and of reference told apart."""

    ID = "id"  # the record's own sourcedId
    TEXT = "text"
    SECRET = "secret"  # noqa: S105  passwords: dropped before anything is written, never served
    ENUM = "enum"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    YEAR = "year"
    INTEGER = "integer"
    FLOAT = "float"
    WORDS = "words"  # comma list of free text
    ENUMS = "enums"  # comma list of vocabulary terms
    PAIRS = "pairs"  # comma list of {left:right}
    REF = "ref"
    REFS = "refs"


REFERENCES = frozenset({Kind.REF, Kind.REFS})
LISTS = frozenset({Kind.WORDS, Kind.ENUMS, Kind.PAIRS, Kind.REFS})

LIFECYCLE_NAMES = ("sourcedId", "status", "dateLastModified")


def snake_case(name: str) -> str:
    """The column or table name in PostgreSQL and in frames of a name as the standard spells it.

    >>> snake_case("schoolSourcedId"), snake_case("lineItemLearningObjectiveIds")
    ('school_sourced_id', 'line_item_learning_objective_ids')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one CSV file, and how REST shows it (CSV binding 1.2, tables of section 4).

    `json` is the property that serves it; "" where REST has none. A dotted name is a property of an object in a
    list of one (userProfiles: `credentials.type`).
    """

    name: str
    kind: Kind
    required: bool = False
    vocabulary: Vocabulary | None = None
    to: str = ""  # the entity that a reference names
    json: str = ""
    json_always: bool = False  # REST demands it where CSV lets it be blank: served as ""
    json_keys: tuple[str, str] = ("", "")  # the two sides of a pair
    json_by_type: tuple[str, str] = ("", "")  # (session type, property that serves a session of that type instead)
    as_datetime: bool = False  # a Date in CSV, a date-time in REST
    as_uri: bool = False  # an id that REST shows as a URI
    missing_in: tuple[str, ...] = ()  # header variants of 1.2 that lack this column
    stored_as: str = ""  # where the derived name is taken: every table has a column `source` of its own
    lookup: Lookup = ""
    searched: bool = False  # clients look for a part of it
    usual: str = ""  # what nearly all records have: clients look for those that have another value

    @property
    def field(self) -> str:
        """Its name in frames and in PostgreSQL."""
        return self.stored_as or snake_case(self.name)


Shape = Literal["objects", "refs", "ref", "groups"]


@dataclass(frozen=True, slots=True)
class Embedding:
    """A file whose rows REST shows only inside another record: `roles` inside `user`.

    objects: a list of objects; refs: a list of GUIDRefs (merged with those of a column of the same property);
    ref: one GUIDRef; groups: rows grouped by their `source` column (learning objectives).
    """

    owner: str  # the column that names the owning record
    json: str  # the owner's property
    shape: Shape
    group: str = ""  # groups: the property that holds the grouped rows
    id_json: str = ""  # objects: the property that shows the row's own id, as a URI
    always_some: bool = False  # REST demands one: where none is active, those deleted last are shown


@dataclass(frozen=True)
class Entity:
    """One data file of the standard, and the records in it."""

    name: str  # the file's name without .csv, and the REST collection
    singular: str  # REST wrapper of one record, and GUIDRef type
    service: Literal["rostering", "resources", "gradebook"]
    content: tuple[Column, ...]  # the columns after the lifecycle columns
    core: bool = False  # a bulk bundle without rows of it would empty the hub
    id_to: str = ""  # demographics: the id IS the id of a user
    embedding: Embedding | None = None

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every column in the standard's order."""
        return (
            Column("sourcedId", Kind.ID, required=True, json="sourcedId"),
            Column("status", Kind.ENUM, vocabulary=STATUS, json="status", usual="active"),
            Column("dateLastModified", Kind.DATETIME, json="dateLastModified"),
            *self.content,
        )

    @property
    def table(self) -> str:
        """Its table in PostgreSQL; also its name in Dagster's asset keys."""
        return snake_case(self.name)

    @cached_property
    def stored(self) -> tuple[Column, ...]:
        """The content columns that are kept: all but secrets."""
        return tuple(column for column in self.content if column.kind is not Kind.SECRET)

    @cached_property
    def references(self) -> tuple[Column, ...]:
        return tuple(column for column in self.content if column.kind in REFERENCES)

    def column(self, name: str) -> Column:
        """The column of that CSV name; KeyError if the file has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @cached_property
    def header(self) -> tuple[str, ...]:
        """All column names, in order (users: the 1.2 Final layout)."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def headers(self) -> tuple[tuple[str, ...], ...]:
        """Every header that the standard's versions allow: 1.2 Final first, then 1.2.1 and the candidate."""
        variants = {name for column in self.columns for name in column.missing_in}
        return (self.header, *(self.header_of(variant) for variant in sorted(variants)))

    def header_of(self, variant: str) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if variant not in column.missing_in)


def text(
    name: str,
    *,
    required: bool = False,
    json: str | None = None,
    json_always: bool = False,
    lookup: Lookup = "",
    searched: bool = False,
) -> Column:
    shown = name if json is None else json
    return Column(name, Kind.TEXT, required, json=shown, json_always=json_always, lookup=lookup, searched=searched)


def secret(name: str) -> Column:
    return Column(name, Kind.SECRET)


def enum(name: str, vocabulary: Vocabulary, *, required: bool = False, stored_as: str = "", usual: str = "") -> Column:
    return Column(name, Kind.ENUM, required, vocabulary=vocabulary, json=name, stored_as=stored_as, usual=usual)


def boolean(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.BOOLEAN, required, json=name)


def date(name: str, *, required: bool = False, as_datetime: bool = False) -> Column:
    return Column(name, Kind.DATE, required, json=name, as_datetime=as_datetime)


def year(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.YEAR, required, json=name)


def integer(name: str) -> Column:
    return Column(name, Kind.INTEGER, json=name)


def number(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.FLOAT, required, json=name)


def words(name: str) -> Column:
    return Column(name, Kind.WORDS, json=name)


def enums(name: str, vocabulary: Vocabulary) -> Column:
    return Column(name, Kind.ENUMS, vocabulary=vocabulary, json=name)


def pairs(name: str, keys: tuple[str, str], *, required: bool = False) -> Column:
    return Column(name, Kind.PAIRS, required, json=name, json_keys=keys)


def ref(
    name: str,
    to: str,
    *,
    required: bool = False,
    json: str | None = None,
    json_by_type: tuple[str, str] = ("", ""),
    as_uri: bool = False,
    lookup: Lookup = "",
) -> Column:
    """A reference to one record; REST calls `courseSourcedId` `course` unless told otherwise."""
    shown = name.removesuffix("SourcedId") if json is None else json
    return Column(name, Kind.REF, required, to=to, json=shown, json_by_type=json_by_type, as_uri=as_uri, lookup=lookup)


def refs(name: str, to: str, json: str, *, required: bool = False, missing_in: Iterable[str] = ()) -> Column:
    return Column(name, Kind.REFS, required, to=to, json=json, missing_in=tuple(missing_in))
