"""What a page says about the others: the Link header, and when a page is too large to be made in memory."""

from urllib.parse import urlencode

from api.query.request import ListQuery

STREAMED_ABOVE = 10_000  # records: a larger page is streamed and never cached


def links(url: str, query: ListQuery, total: int, last_key: str | None) -> str:
    """The Link header of a page (RFC 8288). `last_key` is its last record's key if more come after it.

    `next` carries that key, so that following links costs the same at any depth and skips nothing when earlier
    records disappear. `first` and `last` are always there; `last` asks for what is left, as in the
    standard's example.
    """
    found = {"first": _query(query.limit, 0)}
    if query.offset > 0:
        found["prev"] = _query(query.limit, max(query.offset - query.limit, 0))
    if last_key is not None:
        found["next"] = _query(query.limit, query.offset + query.limit) + "&" + urlencode({"after": last_key})
    found["last"] = _last(query.limit, total)
    return ", ".join(f'<{url}?{text}>; rel="{rel}"' for rel, text in found.items())


def _last(limit: int, total: int) -> str:
    if total == 0:
        return _query(limit, 0)
    left = total % limit or limit
    return _query(left, total - left)


def _query(limit: int, offset: int) -> str:
    return urlencode({"limit": limit, "offset": offset})
