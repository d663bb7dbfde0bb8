"""What to read for a query, with every name resolved: a Plan is all that SQL is composed from.

Pure: no request and no connection enters.
"""

from dataclasses import dataclass

from api.collections import Collection
from api.query.request import ListQuery


@dataclass(frozen=True, slots=True)
class Plan:
    """Records of a collection in the order of their keys: `limit` of them, after a key or after the first `skip`."""

    collection: Collection
    limit: int
    after: str | None = None
    skip: int = 0


def plan(collection: Collection, query: ListQuery) -> Plan:
    """A page that follows a key is found by it, so it costs the same at any depth; its offset is for the links only."""
    if query.after is not None:
        return Plan(collection, query.limit, after=query.after)
    return Plan(collection, query.limit, skip=query.offset)
