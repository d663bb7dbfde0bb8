"""Values written into links for nobody to look into: JSON in base64url. What they mean is the caller's matter."""

import base64
from collections.abc import Sequence
from typing import Any

import orjson


def written(values: Sequence[object]) -> str:
    """The values as a link carries them.

    >>> written([7, "ü"])
    'WzcsIsO8Il0'
    """
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def read(text: str) -> Any:
    """The inverse; ValueError for what is no JSON in base64url. What is JSON may be anything.

    >>> read("WzcsIsO8Il0")
    [7, 'ü']
    """
    return orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))


def plain(value: Any) -> str:
    """The value, if PostgreSQL can be asked about it as a text; ValueError otherwise."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("no text")
    return value
