"""Every request's id and its line in the access log: one JSON object, the path without the query, no values.

The path may name a record by its sourcedId, which the standard keeps free of personal data; the query may hold
anything. The client is named by its key's public half.
"""

import logging
import re
import sys
import time
import uuid
from datetime import UTC, datetime

import orjson
from flask import Flask, Response, g, request

HEADER = "X-Request-Id"
LOG = logging.getLogger("rosterhub.access")

_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def register(app: Flask) -> None:
    """Go first with every request, last with every answer. `g.began` and `g.request_id` are there from then on."""
    _write_to(LOG)
    app.before_request(_begin)
    app.after_request(_end)


def name_client(key: str) -> None:
    """Say who is asking, once that is known."""
    g.client = key


def _begin() -> None:
    g.began = time.perf_counter()
    given = request.headers.get(HEADER, "")
    g.request_id = given if _ACCEPTED.fullmatch(given) else uuid.uuid4().hex


def _end(response: Response) -> Response:
    response.headers[HEADER] = g.request_id
    LOG.info("%s", orjson.dumps(_line(response)).decode())
    return response


def _line(response: Response) -> dict[str, object]:
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request_id": g.request_id,
        "client": g.get("client"),
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "bytes": response.content_length,
        "generation": response.headers.get("X-Roster-Generation"),
        "ms": round((time.perf_counter() - g.began) * 1000, 1),
    }


def _write_to(log: logging.Logger) -> None:
    """Lines go to standard output as they are, unless whoever runs the process has decided otherwise."""
    if not log.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
