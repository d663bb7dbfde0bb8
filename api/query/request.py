"""The query string of a collection, read: parameters → ListQuery, or an error that names the parameter.

What the words mean for a particular collection is decided in plan.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api import errors

DEFAULT_LIMIT = 100
LARGEST_OFFSET = 2**31 - 1  # int32 in the standard

# Parameters of the standard that change the answer and that are not served: refused, since an answer without them
# would be a wrong one. The value is the standard's code for a fault in them (sort has none in every service).
_UNSERVED = {
    "filter": "invalid_filter_field",
    "sort": "invaliddata",
    "orderBy": "invaliddata",
    "fields": "invalid_selection_field",
}

Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What is asked of a collection. `after` is the key of the record that the page follows; it wins over `offset`."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    after: str | None = None


def read_list(parameters: Parameters) -> ListQuery:
    """The query of a list; parameters that the standard does not know are ignored."""
    refuse_unserved(parameters)
    return ListQuery(
        limit=_whole(parameters, "limit", DEFAULT_LIMIT, at_least=1),
        offset=_whole(parameters, "offset", 0, at_least=0, at_most=LARGEST_OFFSET),
        after=_key(parameters, "after"),
    )


def refuse_unserved(parameters: Parameters) -> None:
    """400 if something is asked for that would change the answer and is not served; also for single records."""
    for name, minor in _UNSERVED.items():
        if name in parameters:
            raise errors.invalid(f"The parameter {name} is not supported yet.", minor)


def _whole(parameters: Parameters, name: str, default: int, *, at_least: int, at_most: int | None = None) -> int:
    text = _single(parameters, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise errors.invalid(f"{name} is not a whole number of {at_least} or more.")
    number = int(text)
    if number < at_least:
        raise errors.invalid(f"{name} is less than {at_least}.")
    if at_most is not None and number > at_most:
        raise errors.invalid(f"{name} is greater than {at_most}.")
    return number


def _key(parameters: Parameters, name: str) -> str | None:
    text = _single(parameters, name)
    if text is not None and "\0" in text:
        raise errors.invalid(f"{name} is not the sourcedId of a record.")
    return text


def _single(parameters: Parameters, name: str) -> str | None:
    values = parameters.get(name, ())
    if len(values) > 1:
        raise errors.invalid(f"{name} is given more than once.")
    return values[0] if values else None
