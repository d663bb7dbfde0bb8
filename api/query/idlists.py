"""Long lists of ids as parameters: written for PostgreSQL once, sent with many queries. What they are of stays out."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import abc
from psycopg.adapt import Dumper, PyFormat, Transformer
from psycopg.pq import Format

_TEXT_ARRAY = psycopg.postgres.types["text"].array_oid


class IdList:
    """Ids as a text[] parameter. psycopg takes longer to write ten thousand ids than PostgreSQL to look them up."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = frozenset(ids)
        self.written = bytes(_lists().dump(list(ids)) or b"")

    def only(self, id: str) -> "IdList":
        """That id, if it is among them."""
        return IdList([id] if id in self._ids else [])


def _lists() -> abc.Dumper:
    """psycopg's own for lists of text; of an empty list it could not tell what it is of."""
    return Transformer().get_dumper([""], PyFormat.BINARY)


class _Dumper(Dumper):
    oid = _TEXT_ARRAY
    format = Format.BINARY

    def dump(self, obj: Any) -> bytes:
        return bytes(obj.written)


psycopg.adapters.register_dumper(IdList, _Dumper)
