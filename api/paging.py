"""What a page says about the others: the Link header, and when a page is too large to be made in memory."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from api.query.request import ListQuery

STREAMED_ABOVE = 10_000  # records: a larger page is streamed and never cached


def links(url: str, query: ListQuery, total: int, next_after: str | None) -> str:
    """The Link header of a page (RFC 8288), with the query's other parameters. `next_after`: where the next one starts.

    `next` carries that place, so that following links costs the same at any depth and skips nothing when earlier
    records disappear. `first` and `last` are always there; `last` asks for what is left, as in the
    standard's example.
    """
    found = {"first": _query(query, query.limit, 0)}
    if query.offset > 0:
        found["prev"] = _query(query, query.limit, max(query.offset - query.limit, 0))
    if next_after is not None:
        found["next"] = _query(query, query.limit, query.offset + query.limit, after=next_after)
    found["last"] = _last(query, total)
    return header(url, found)


def header(url: str, queries: Mapping[str, str]) -> str:
    """The Link header of pages at that URL; `queries`: relation → query string."""
    return ", ".join(f'<{url}?{text}>; rel="{rel}"' for rel, text in queries.items())


def _last(query: ListQuery, total: int) -> str:
    if total == 0:
        return _query(query, query.limit, 0)
    left = total % query.limit or query.limit
    return _query(query, left, total - left)


def _query(query: ListQuery, limit: int, offset: int, **more: str) -> str:
    """Spaces are written %20: some clients read a plus sign as one."""
    return urlencode({"limit": limit, "offset": offset, **query.given, **more}, quote_via=quote)
