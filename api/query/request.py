"""The query string of a collection or record, read: parameters → ListQuery, or an error that names the parameter.

What the names in it mean for a particular collection is decided in plan.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from api import errors

DEFAULT_LIMIT = 100
LARGEST_OFFSET = 2**31 - 1  # int32 in the standard

# The standard's parameters, and `after`, which our links carry. Links repeat those that are given.
STANDARD = ("limit", "offset", "sort", "orderBy", "filter", "fields")

Parameters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What is asked of a collection. `after` is where the page starts in its order; it wins over `offset`."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    after: str | None = None
    filter: str | None = None
    sort: str | None = None
    descending: bool = False
    fields: tuple[str, ...] | None = None

    @property
    def given(self) -> dict[str, str]:
        """The parameters that say which records, in which order, showing what: they are the same for every page."""
        order = ("desc" if self.descending else "asc") if self.sort else None
        fields = ",".join(self.fields) if self.fields else None
        found = {"sort": self.sort, "orderBy": order, "filter": self.filter, "fields": fields}
        return {name: text for name, text in found.items() if text is not None}


@dataclass(frozen=True, slots=True)
class FeedQuery:
    """What is asked of the change feed: what came after the generation `since`, from the place `after` on."""

    since: int
    limit: int = DEFAULT_LIMIT
    after: str | None = None


def refuse_broken(query_string: bytes) -> None:
    """400 for a query that is not UTF-8: reading it all the same would ask something else."""
    try:
        unquote_to_bytes(query_string).decode()
    except UnicodeDecodeError:
        raise errors.invalid("The query is not UTF-8: percent-encode it as UTF-8.") from None


def read_list(parameters: Parameters) -> ListQuery:
    """The query of a list; parameters that the standard does not know are ignored."""
    return ListQuery(
        limit=_whole(parameters, "limit", DEFAULT_LIMIT, at_least=1),
        offset=_whole(parameters, "offset", 0, at_least=0, at_most=LARGEST_OFFSET),
        after=_text(parameters, "after"),
        filter=_text(parameters, "filter"),
        sort=_text(parameters, "sort"),
        descending=_descending(parameters),
        fields=read_fields(parameters),
    )


def read_feed(parameters: Parameters) -> FeedQuery:
    """The query of the change feed."""
    if "since" not in parameters:
        raise errors.invalid("since is missing: the generation that you have, or 0 for none.")
    return FeedQuery(
        since=_whole(parameters, "since", 0, at_least=0),
        limit=_whole(parameters, "limit", DEFAULT_LIMIT, at_least=1),
        after=_text(parameters, "after"),
    )


def read_fields(parameters: Parameters) -> tuple[str, ...] | None:
    """The names to show, in order; None for all of them. A blank name is a fault (guide 2.4)."""
    given = parameters.get("fields")
    if given is None:
        return None
    names = [name.strip() for text in given for name in text.split(",")]
    if not all(names):
        raise errors.invalid("fields has a blank name: names are parted by single commas.", "invalid_selection_field")
    return tuple(dict.fromkeys(names))


def _descending(parameters: Parameters) -> bool:
    text = _text(parameters, "orderBy")
    if text not in {None, "asc", "desc"}:
        raise errors.invalid("orderBy is neither asc nor desc.")
    return text == "desc"


def _whole(parameters: Parameters, name: str, default: int, *, at_least: int, at_most: int | None = None) -> int:
    text = _text(parameters, name)
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


def _text(parameters: Parameters, name: str) -> str | None:
    """The one text given under that name. PostgreSQL has no NUL in a text, and no record has."""
    values = parameters.get(name, ())
    if len(values) > 1:
        raise errors.invalid(f"{name} is given more than once.")
    if values and "\0" in values[0] and name != "filter":  # the filter's own error names the place
        raise errors.invalid(f"{name} holds a NUL character.")
    return values[0] if values else None
