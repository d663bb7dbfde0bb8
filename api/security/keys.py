"""The credentials as PostgreSQL has them, and what a good one makes of whoever holds it: a Client.

PostgreSQL alone knows which keys are good; what it said is remembered for a few seconds, so a revoked key is
refused after that at the latest. Keys that it does not know are not remembered: a new key works at once.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network

from psycopg.sql import SQL, Identifier

from api.database import Database
from api.memory import Memory
from api.security.callers import Address
from pipelines.contract import API_KEYS, hash_secret

HEADER = "X-API-Key"
VARY = f"{HEADER}, Authorization"  # what answers depend on, for whoever may keep them
REMEMBERED_SECONDS = 4.0  # a revocation is promised to bite within 5, reading included

_STORED = (
    SQL(
        "SELECT key, secret_hash, is_active, expires_at, addresses, requests_per_minute, scopes, sources, orgs"
        " FROM {} WHERE key = %s"
    )
    .format(Identifier(API_KEYS))
    .as_bytes()
)


@dataclass(frozen=True, slots=True)
class Client:
    """A client whose credentials are good.

    `scopes` are URIs; `sources` in the order granted, None for all of them; `orgs` the sourcedIds of the
    organisations that it is limited to, None for no limit.
    """

    key: str
    scopes: frozenset[str]
    sources: tuple[str, ...] | None
    orgs: tuple[str, ...] | None = None
    view: str = "all"  # which part of a source it may see: clients with the same view may share cached bodies


@dataclass(frozen=True, slots=True)
class Credential:
    """A key as it is stored. Its hash alone opens nothing."""

    client: Client
    secret_hash: bytes
    is_active: bool
    expires_at: datetime | None = None
    addresses: tuple[IPv4Network | IPv6Network, ...] | None = None  # None: from anywhere
    requests_per_minute: int | None = None  # None: as the settings say

    @property
    def is_good(self) -> bool:
        """Whether it works at this moment."""
        return self.is_active and (self.expires_at is None or self.expires_at > datetime.now(UTC))

    def accepts(self, secret: str) -> bool:
        """Whether the secret is its own, compared in constant time."""
        return hmac.compare_digest(hash_secret(secret), self.secret_hash)

    def admits(self, address: Address | None) -> bool:
        """Whether it may be used from there; an unknown address is outside of every list."""
        if self.addresses is None:
            return True
        return address is not None and any(address in network for network in self.addresses)


NOBODY = Credential(Client("", frozenset(), ()), hash_secret(""), is_active=False)


class Keyring:
    """The credentials, remembered."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._memory: Memory[str, Credential] = Memory(10_000, REMEMBERED_SECONDS)

    def find(self, key: str) -> Credential:
        """The credential of that key; NOBODY, which is no good, for a key that is not stored."""
        try:
            return self._memory.get_or(key, lambda: self._read(key))
        except LookupError:
            return NOBODY

    def _read(self, key: str) -> Credential:
        if "\0" in key:  # PostgreSQL has no such text
            raise LookupError
        with self._database.snapshot() as cursor:
            row = cursor.execute(_STORED, [key]).fetchone()
        if row is None:
            raise LookupError
        key, secret_hash, is_active, expires_at, addresses, rate, *granted = row
        networks = None if addresses is None else tuple(addresses)
        return Credential(_client(key, *granted), bytes(secret_hash), is_active, expires_at, networks, rate)


def _client(key: str, scopes: list[str], sources: list[str] | None, orgs: list[str] | None) -> Client:
    limited = None if sources is None else tuple(sources)
    if orgs is None:
        return Client(key, frozenset(scopes), limited)
    return Client(key, frozenset(scopes), limited, tuple(orgs), _view(orgs))


def _view(orgs: list[str]) -> str:
    """The same for the same organisations, in whatever order they were granted."""
    return hashlib.blake2b("\0".join(sorted(set(orgs))).encode(), digest_size=16).hexdigest()
