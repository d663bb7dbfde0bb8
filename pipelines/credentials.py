"""The API's keys as an operator manages them: created, listed, extended, rotated, revoked in the table `api_keys`.

A secret exists once, where it is made; what is stored is its hash. The API reads the table and never writes it.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from ipaddress import IPv4Network, IPv6Network, ip_network

import psycopg
from psycopg.rows import class_row
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from pipelines.connecting import connect
from pipelines.contract import API_KEYS, hash_secret, is_source_name
from pipelines.errors import Refused, SettingsError
from pipelines.oneroster import scopes

ALL_SCOPES = "all"

Network = IPv4Network | IPv6Network

_TABLE = Identifier(API_KEYS)
_COLUMNS = SQL("key, name, is_active, expires_at, scopes, sources, orgs, addresses, requests_per_minute, created_at")


@dataclass(frozen=True, slots=True)
class Credential:
    """A key without its secret. `scopes` are URIs, `sources` None means all, now and later.

    None also for no limit to organisations (sourcedIds), for use from any address, and for the rate of the settings.
    """

    key: str
    name: str
    is_active: bool
    expires_at: datetime | None
    scopes: list[str]
    sources: list[str] | None
    orgs: list[str] | None
    addresses: list[Network] | None
    requests_per_minute: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a new key is limited to; nothing says more than the key's scopes do.

    `orgs`: the organisations, by sourcedId, that it sees with all that lies below them. `addresses`: networks such as
    10.0.0.0/8 that it may be used from. `requests_per_minute`: 0 for no limit.
    """

    sources: Sequence[str] = ()
    orgs: Sequence[str] = ()
    addresses: Sequence[str] = ()
    requests_per_minute: int | None = None
    expires_at: datetime | None = None

    def stored(self) -> dict[str, object]:
        """The columns of the key; SettingsError for what cannot be."""
        return {
            "sources": [_source(source) for source in self.sources] or None,
            "orgs": [_org(org) for org in self.orgs] or None,
            "addresses": [_network(text) for text in self.addresses] or None,
            "requests_per_minute": self.requests_per_minute,
            "expires_at": _future(self.expires_at),
        }


_UNLIMITED = Limits()


@dataclass(frozen=True, slots=True)
class Issued:
    """A key and its secret, which is nowhere else. Clients send `header` as X-API-Key."""

    key: str
    secret: str

    @property
    def header(self) -> str:
        """What the client sends."""
        return f"{self.key}.{self.secret}"


@contextmanager
def opened(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection for the functions below; its transaction is committed at the end.

    Raises psycopg.OperationalError if the database is away, Refused if it has no schema yet.
    """
    try:
        with connect(database_url) as connection:
            yield connection
    except psycopg.errors.UndefinedTable:
        raise Refused("the database has no tables yet: run `rosterhub migrate` first") from None


def create(
    connection: psycopg.Connection, name: str, *, scope_names: Sequence[str] = (), limits: Limits = _UNLIMITED
) -> Issued:
    """A new key. Without scopes it reads everything but demographics.

    Raises SettingsError for a scope, source, organisation or network that cannot be, or a moment that has passed.
    """
    issued = Issued(secrets.token_hex(8), secrets.token_urlsafe(32))
    row = {
        "key": issued.key,
        "name": name,
        "secret_hash": hash_secret(issued.secret),
        "scopes": [scope.uri for scope in resolve(scope_names)],
        **limits.stored(),
    }
    statement = SQL("INSERT INTO {} ({}) VALUES ({})").format(
        _TABLE, SQL(", ").join(map(Identifier, row)), SQL(", ").join(map(Placeholder, row))
    )
    connection.execute(statement, row)
    return issued


def listed(connection: psycopg.Connection) -> list[Credential]:
    """Every key, revoked ones too, the oldest first."""
    with connection.cursor(row_factory=class_row(Credential)) as cursor:
        statement = SQL("SELECT {} FROM {} ORDER BY created_at, key").format(_COLUMNS, _TABLE)
        return cursor.execute(statement).fetchall()


def extend(connection: psycopg.Connection, key: str, expires_at: datetime | None) -> None:
    """Let the key work until then, or without end. Raises Refused if there is no such key in use."""
    statement = SQL("UPDATE {} SET expires_at = %s WHERE key = %s AND is_active").format(_TABLE)
    _change(connection, statement, key, _future(expires_at))


def rotate(connection: psycopg.Connection, key: str) -> Issued:
    """A new secret; the old one stops working. Raises Refused if there is no such key in use."""
    issued = Issued(key, secrets.token_urlsafe(32))
    statement = SQL("UPDATE {} SET secret_hash = %s WHERE key = %s AND is_active").format(_TABLE)
    _change(connection, statement, key, hash_secret(issued.secret))
    return issued


def revoke(connection: psycopg.Connection, key: str) -> None:
    """End the key for good; the API notices within seconds. Raises Refused if there is no such key in use."""
    statement = SQL("UPDATE {} SET is_active = %s WHERE key = %s AND is_active").format(_TABLE)
    _change(connection, statement, key, False)


def resolve(names: Sequence[str]) -> tuple[scopes.Scope, ...]:
    """Scopes by name or URI; `all`, or nothing for all but those that have to be asked for: demographics.

    Raises SettingsError for an unknown one.
    """
    if ALL_SCOPES in names:
        return scopes.SCOPES
    if not names:
        return tuple(scope for scope in scopes.SCOPES if not scope.asked_for)
    return tuple(dict.fromkeys(_scope(name) for name in names))


def end_of(text: str) -> datetime:
    """When a key given a date or a dateTime expires: a date counts to its end, UTC. Raises SettingsError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{text} is not a date such as 2027-03-31 or a moment such as 2027-03-31T12:00Z") from None
    if len(text) == len("2027-03-31"):
        moment = datetime.combine(moment.date(), time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _scope(name: str) -> scopes.Scope:
    found = scopes.called(name)
    if found is None:
        raise SettingsError(f"there is no scope {name}; there are {', '.join(scopes.BY_NAME)} and {ALL_SCOPES}")
    return found


def _source(name: str) -> str:
    if not is_source_name(name):
        raise SettingsError(
            f"{name} is no source name: it has lower-case letters, digits and _, and starts with a letter or digit"
        )
    return name


def _org(sourced_id: str) -> str:
    if not sourced_id.strip() or "\0" in sourced_id:
        raise SettingsError("an organisation is named by its sourcedId, which is not blank")
    return sourced_id


def _network(text: str) -> Network:
    try:
        return ip_network(text.strip())
    except ValueError as mistake:
        raise SettingsError(
            f"{text} is no address and no network such as 10.0.0.0/8 or 2001:db8::/32: {mistake}"
        ) from None


def _future(moment: datetime | None) -> datetime | None:
    if moment is not None and moment <= datetime.now(UTC):
        raise SettingsError(f"{moment.isoformat()} has passed: give a later date")
    return moment


def _change(connection: psycopg.Connection, statement: Composed, key: str, value: object) -> None:
    if connection.execute(statement, [value, key]).rowcount == 0:
        raise Refused(f"there is no key {key} in use: `rosterhub keys list` shows them")
