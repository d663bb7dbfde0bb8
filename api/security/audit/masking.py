"""Queries as the audit log may keep them: what was asked for, never the values.

Names of parameters stay, and of filters the fields and operators: `filter=familyName='Yamada'` is kept as
`filter=familyName='***'`. What does not look like a filter from end to end is left out altogether.
"""

import re
from urllib.parse import parse_qsl

MASK = "***"
_LONGEST = 1_000

_VALUE = r"'(?:[^']|'')*'"
_CLAUSE = rf"[A-Za-z][\w.:-]{{0,99}}\s*(?:!=|>=|<=|=|>|<|~)\s*{_VALUE}"
_FILTER = re.compile(rf"\s*{_CLAUSE}(?:\s+(?:AND|OR)\s+{_CLAUSE})*\s*", re.ASCII | re.IGNORECASE)
_VALUES = re.compile(_VALUE)
_NAME = re.compile(r"[A-Za-z_]{1,32}", re.ASCII)


def masked(query_string: bytes) -> str | None:
    """The query without its values; None if nothing is left of it."""
    given = parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True)
    return "&".join(_parameter(name, value) for name, value in given if _NAME.fullmatch(name))[:_LONGEST] or None


def _parameter(name: str, value: str) -> str:
    return f"{name}={masked_filter(value)}" if name == "filter" else name


def masked_filter(text: str) -> str:
    """A filter with its values masked; only the mask where it is no filter, since anything could be a value there."""
    if len(text) > _LONGEST or not _FILTER.fullmatch(text):
        return MASK
    return _VALUES.sub(f"'{MASK}'", text)
