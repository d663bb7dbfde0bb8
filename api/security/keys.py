"""Who is asking: the client of an X-API-Key header, `<key>.<secret>`.

PostgreSQL alone knows which keys are good; what it said is remembered for a few seconds, so a revoked key is
refused after that at the latest. Keys that it does not know are not remembered: a new key works at once.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg.sql import SQL, Identifier

from api.database import Database
from api.errors import ApiError
from api.memory import Memory
from pipelines.contract import API_KEYS, hash_secret

HEADER = "X-API-Key"
REMEMBERED_SECONDS = 5.0

_STORED = (
    SQL("SELECT secret_hash, is_active, expires_at, scopes, sources FROM {} WHERE key = %s")
    .format(Identifier(API_KEYS))
    .as_bytes()
)


@dataclass(frozen=True, slots=True)
class Client:
    """A client whose key is good. `scopes` are URIs; `sources` in the order granted, None for all of them."""

    key: str
    scopes: frozenset[str]
    sources: tuple[str, ...] | None
    view: str = "all"  # which part of a source it may see: clients with the same view may share cached bodies


@dataclass(frozen=True, slots=True)
class _Stored:
    secret_hash: bytes
    is_active: bool
    expires_at: datetime | None
    client: Client


_NOBODY = _Stored(hash_secret(""), False, None, Client("", frozenset(), ()))


class Keyring:
    """The keys, remembered."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._memory: Memory[str, _Stored] = Memory(10_000, REMEMBERED_SECONDS)

    def client(self, header: str | None) -> Client:
        """The client of that header; ApiError 401 if there is none or its key is no good, whatever the reason."""
        if not header:
            raise _unauthorised(f"This needs a key: send it as {HEADER}: <key>.<secret>.")
        key, _, secret = header.strip().partition(".")
        stored = self._find(key)
        if not (hmac.compare_digest(hash_secret(secret), stored.secret_hash) and _is_good(stored)):
            raise _unauthorised("The key is unknown, revoked or expired, or its secret is wrong.", "invalid_token")
        return stored.client

    def _find(self, key: str) -> _Stored:
        stored = self._memory.get(key)
        if stored is None:
            stored = self._read(key)
            if stored is not _NOBODY:
                self._memory.put(key, stored)
        return stored

    def _read(self, key: str) -> _Stored:
        if "\0" in key:  # PostgreSQL has no such text
            return _NOBODY
        with self._database.snapshot() as cursor:
            row = cursor.execute(_STORED, [key]).fetchone()
        if row is None:
            return _NOBODY
        secret_hash, is_active, expires_at, scopes, sources = row
        client = Client(key, frozenset(scopes), None if sources is None else tuple(sources))
        return _Stored(bytes(secret_hash), is_active, expires_at, client)


def _is_good(stored: _Stored) -> bool:
    return stored.is_active and (stored.expires_at is None or stored.expires_at > datetime.now(UTC))


def _unauthorised(description: str, error: str = "") -> ApiError:
    """401. The challenge is the standard's own (RFC 6750), which says no more than that the credentials fail."""
    detail = f', error="{error}"' if error else ""
    return ApiError(401, description, headers={"WWW-Authenticate": f'Bearer realm="OneRoster"{detail}'})
