"""A roster of two records per entity, made of the declarations: `full` has every column, `bare` the required ones.

Ids are `<singular>/full@1` and `<singular>-bare`, so that references name what is there and URLs need encoding.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from pipelines.contract import hash_secret
from pipelines.oneroster.entity import Column, Entity, Kind
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.oneroster.scopes import SCOPES

SOURCE = "north"
MOMENT = dt.datetime(2026, 8, 1, 4, 5, 6, tzinfo=dt.UTC)
METADATA = {"jp.kanaGivenName": 'タロウ "T"'}
KEY, SECRET = "reader", "correct-horse"
HEADER = f"{KEY}.{SECRET}"


def full(name: str) -> str:
    return f"{name}/full@1"


def bare(name: str) -> str:
    return f"{name}-bare"


def _singular(column: Column) -> str:
    return BY_NAME[column.to].singular


VALUES: dict[Kind, Callable[[Column], Any]] = {
    Kind.ID: lambda column: "never in the content",
    Kind.TEXT: lambda column: f'{column.name} "é" あ',
    Kind.SECRET: lambda column: "never stored",
    Kind.ENUM: lambda column: column.vocabulary and column.vocabulary.terms[0],
    Kind.BOOLEAN: lambda column: True,
    Kind.DATE: lambda column: dt.date(2026, 4, 1),
    Kind.DATETIME: lambda column: MOMENT,
    Kind.YEAR: lambda column: 2027,
    Kind.INTEGER: lambda column: 30,
    Kind.FLOAT: lambda column: 87.5,
    Kind.WORDS: lambda column: ["09", "10"],
    Kind.ENUMS: lambda column: list(column.vocabulary.terms[:2]) if column.vocabulary else [],
    Kind.PAIRS: lambda column: ["A:90:100", "B:80"],
    Kind.REF: lambda column: full(_singular(column)),
    Kind.REFS: lambda column: [bare(_singular(column)), full(_singular(column))],
}


@dataclass
class Roster:
    """The database of a test, written to as its owner."""

    url: str
    connection: psycopg.Connection
    publications: dict[str, int] = field(default_factory=dict)  # source → the newest

    def publish(self, source: str = SOURCE, moment: dt.datetime = MOMENT) -> int:
        """A new generation of the source; rows inserted from now on belong to it."""
        (generation,) = self._one("SELECT coalesce(max(generation), 0) + 1 FROM publications WHERE source = %s", source)
        (id,) = self._one(
            "INSERT INTO publications (source, outcome, generation, moment, fingerprint, judged_by, arrival, version,"
            " counts) VALUES (%s, 'published', %s, %s, '', '', '', '1.2', '{}') RETURNING id",
            *(source, generation, moment),
        )
        self.connection.execute(
            "INSERT INTO sources (source, generation, publication_id, first_published_at) VALUES (%s, %s, %s, now())"
            " ON CONFLICT (source) DO UPDATE SET generation = excluded.generation,"
            " publication_id = excluded.publication_id",
            [source, generation, id],
        )
        self.publications[source] = id
        return int(generation)

    def take_back(self, source: str = SOURCE) -> None:
        """All that the source ever published, as a restore to a moment before that would: the numbers too."""
        for entity in ENTITIES:
            self.connection.execute(
                sql.SQL("DELETE FROM {} WHERE source = %s").format(sql.Identifier(entity.table)), [source]
            )
        self.connection.execute("DELETE FROM sources WHERE source = %s", [source])
        self.connection.execute("DELETE FROM publications WHERE source = %s", [source])
        self.connection.execute("ALTER TABLE publications ALTER COLUMN id RESTART WITH 1")

    def insert(
        self,
        entity_name: str,
        id: str,
        values: Mapping[str, Any],
        *,
        source: str = SOURCE,
        status: str = "active",
        metadata: Any = None,
    ) -> None:
        """One row of the source's newest publication; `values` by CSV name."""
        entity = BY_NAME[entity_name]
        row: dict[str, Any] = {entity.column(column).field: value for column, value in values.items()}
        row |= {"source": source, "sourced_id": id, "status": status, "publication_id": self.publications[source]}
        row["metadata"] = None if metadata is None else json.dumps(metadata, ensure_ascii=False)
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(entity.table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        )
        self.connection.execute(statement, list(row.values()))

    def tell(self, *changes: tuple[str, str, Sequence[str]], source: str = SOURCE) -> None:
        """What the source's newest generation did, as the whole of its change feed: (entity, kind, ids) by row."""
        for part, (entity, kind, ids) in enumerate(changes, 1):
            self.connection.execute(
                "INSERT INTO changes (source, generation, part, publication_id, entity, kind, ids)"
                " SELECT source, generation, %s, publication_id, %s, %s, %s FROM sources WHERE source = %s",
                [part, entity, kind, list(ids), source],
            )

    def fill(self, entity: Entity) -> None:
        """The two records of an entity."""
        every = {column.name: VALUES[column.kind](column) for column in entity.stored}
        required = {column.name: every[column.name] for column in entity.stored if column.required}
        ids = full(_id_stem(entity)), bare(_id_stem(entity))
        self.insert(entity.name, ids[0], every, metadata=METADATA)
        owner = {entity.embedding.owner: bare(_owner(entity))} if entity.embedding else {}
        self.insert(entity.name, ids[1], required | owner)

    def user(self, id: str, *roles: str, source: str = SOURCE) -> None:
        """A user who has those roles."""
        user = {"enabledUser": False, "username": id, "givenName": "G", "familyName": "F"}
        self.insert("users", id, user, source=source)
        for role in roles:
            self.role(f"{id}-{role}", id, role, source=source)

    def role(self, id: str, user: str, role: str, *, status: str = "active", source: str = SOURCE) -> None:
        """A role of a user."""
        values = {"userSourcedId": user, "roleType": "primary", "role": role, "orgSourcedId": full("org")}
        self.insert("roles", id, values, status=status, source=source)

    def key(self, key: str = KEY, secret: str = SECRET, **columns: Any) -> str:
        """A key that may read everything unless told otherwise; returns the header's value."""
        row = {"scopes": [scope.uri for scope in SCOPES], "name": key, **columns}
        row |= {"key": key, "secret_hash": hash_secret(secret)}
        statement = sql.SQL("INSERT INTO api_keys ({}) VALUES ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(sql.Placeholder() * len(row))
        )
        self.connection.execute(statement, list(row.values()))
        return f"{key}.{secret}"

    def _one(self, statement: str, *values: Any) -> tuple[Any, ...]:
        row = self.connection.execute(statement, values).fetchone()
        assert row is not None
        return row


def _id_stem(entity: Entity) -> str:
    return BY_NAME[entity.id_to].singular if entity.id_to else entity.singular


def _owner(entity: Entity) -> str:
    assert entity.embedding is not None
    return BY_NAME[entity.column(entity.embedding.owner).to].singular


@contextmanager
def opened(url: str) -> Iterator[Roster]:
    """The roster of a migrated database: nothing in it yet."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield Roster(url, connection)


def fill_everything(roster: Roster) -> None:
    """The first generation: both records of every entity, and one of every type that has a collection of its own."""
    roster.publish()
    for entity in ENTITIES:
        roster.fill(entity)
    session = {"title": "T", "startDate": dt.date(2026, 9, 1), "endDate": dt.date(2027, 1, 1), "schoolYear": 2027}
    roster.insert("academicSessions", "term-1", session | {"type": "term"})
    roster.insert("orgs", "school-1", {"name": "School", "type": "school"})
    for role in ("student", "teacher"):
        roster.user(role, role)
