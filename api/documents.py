"""JSON documents that anyone may read: made once, and completed with the hub's addresses for each answer.

They hold addresses in many places, and a Host header may say any. So what is remembered has placeholders instead,
and filling them in is cheap.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response, request

# No host can have these names (RFC 2606).
HUB = "https://hub.invalid"  # stands for the hub's address
ROSTER = "https://roster.invalid"  # for what the roster's paths are appended to: the hub's, or one source's below it

_CACHING = {"Cache-Control": "public, max-age=3600", "Vary": "Host"}


class Document:
    """A document in which HUB and ROSTER stand for addresses."""

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        self._make = make
        self._written = b""

    def at(self, hub: str, roster: str) -> bytes:
        """The document as JSON, with those addresses."""
        if not self._written:
            self._written = orjson.dumps(self._make())
        return self._written.replace(HUB.encode(), _escaped(hub)).replace(ROSTER.encode(), _escaped(roster))

    def answer(self, hub: str, roster: str = "") -> Response:
        """The document as a response that everyone may keep for an hour, or a 304."""
        content = self.at(hub, roster or hub)
        response = Response(content, mimetype="application/json", headers=_CACHING)
        response.set_etag(hashlib.blake2b(content, digest_size=16).hexdigest())
        response.make_conditional(request)
        return response


def _escaped(address: str) -> bytes:
    """As it stands inside a JSON string."""
    return orjson.dumps(address)[1:-1]
