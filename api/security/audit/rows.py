"""Rows of the audit log, made of a request and its answer. The columns are those of the table; nothing is looked up.

A row is JSON from the start: so it lies in the spool, and so PostgreSQL unpacks it.
"""

import os
import time
import uuid
from datetime import UTC, datetime

import orjson
from flask import Request, Response, g

from api.security.audit import masking
from api.security.callers import Address

_LONGEST_PATH = 1_000
_LONGEST_AGENT = 200


def row(request: Request, response: Response, address: Address | None) -> bytes:
    """The row as a line of JSON, without its end. A streamed answer is logged when it begins."""
    now = time.time()
    line = {
        "id": row_id(now),
        "created_at": datetime.fromtimestamp(now, UTC),
        "key": g.get("client"),
        "method": request.method[:16],
        "route": request.url_rule.rule if request.url_rule else None,
        "path": _storable(request.path[:_LONGEST_PATH]),
        "query": masking.masked(request.query_string) if request.query_string else None,
        "status": response.status_code,
        "address": str(address) if address else None,
        "user_agent": _storable(request.headers.get("User-Agent", "")[:_LONGEST_AGENT]) or None,
        "request_id": g.request_id,
        "duration_ms": round((time.perf_counter() - g.began) * 1000, 1),
    }
    return orjson.dumps(line)


def row_id(moment: float) -> str:
    """A UUID (version 7): the time first, so that the table's index grows at its end."""
    chance = int.from_bytes(os.urandom(10)) & ~(0xF << 76) & ~(0x3 << 62)
    return str(uuid.UUID(int=int(moment * 1000) << 80 | 0x7 << 76 | 0x2 << 62 | chance))


def _storable(text: str) -> str:
    """What PostgreSQL and JSON take: no NUL, nothing that is no character."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
