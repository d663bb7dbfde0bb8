"""The value of a comparison, typed as the column is: by Kind, from the text between the quotes.

A value that cannot be one of its kind is an error, not a comparison that never holds. No SQL enters.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

from api.query.paths import Leaf
from pipelines.oneroster.entity import Kind

Parse = Callable[[str], Any]

_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")
_TRUTHS = {"true": True, "false": False}
_UUID, _OWN = "urn:uuid:", "urn:rosterhub:"


def operand(leaf: Leaf, text: str) -> Any:
    """The value to compare with. Raises ValueError that says what is expected."""
    value = stored_id(text) if leaf.is_uri else OPERANDS[leaf.kind](text)
    if isinstance(value, str) and "\0" in value:  # a URI can hold one percent-encoded
        raise ValueError("an id without NUL characters is expected")
    return value


def stored_id(uri: str) -> str:
    """The id that REST shows as that URI (the inverse of rendering); one that is written bare stands for itself.

    >>> stored_id("urn:uuid:7c7b"), stored_id("urn:rosterhub:staff%207"), stored_id("staff 7")
    ('7c7b', 'staff 7', 'staff 7')
    """
    return unquote(uri.removeprefix(_OWN)) if uri.startswith(_OWN) else uri.removeprefix(_UUID)


def _text(text: str) -> str:
    return text


def _truth(text: str) -> bool:
    if text not in _TRUTHS:
        raise ValueError("true or false is expected")
    return _TRUTHS[text]


def _number(text: str) -> float | int:
    if not _NUMBER.fullmatch(text):
        raise ValueError("a number is expected")
    return float(text) if re.search("[.eE]", text) else int(text)


def _day(text: str) -> date | datetime:
    """A date is compared as its first moment where a dateTime is given."""
    moment = _moment(text)
    return moment.date() if len(text.strip()) == len("2026-04-01") else moment


def _moment(text: str) -> datetime:
    """An instant; without an offset it is UTC. A plus sign that a client forgot to encode arrives as a space."""
    try:
        moment = datetime.fromisoformat(re.sub(r" (?=\d\d:?\d\d$)", "+", text.strip()))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a date such as 2026-04-01 or a dateTime such as 2026-04-01T00:00:00Z is expected") from None


OPERANDS: dict[Kind, Parse] = {
    Kind.ID: _text,
    Kind.TEXT: _text,
    Kind.SECRET: _text,  # no path leads to one
    Kind.ENUM: _text,
    Kind.BOOLEAN: _truth,
    Kind.DATE: _day,
    Kind.DATETIME: _moment,
    Kind.YEAR: _number,
    Kind.INTEGER: _number,
    Kind.FLOAT: _number,
    Kind.WORDS: _text,
    Kind.ENUMS: _text,
    Kind.PAIRS: _text,
    Kind.REF: _text,
    Kind.REFS: _text,
}
