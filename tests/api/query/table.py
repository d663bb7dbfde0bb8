"""The table of queries: what clients may ask, well or badly, as rows to be planned, written down and run.

What becomes of each is in tests/golden/queries.txt; that all which are planned run is tested on real servers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from api.collections import COLLECTIONS, ENDPOINTS, Collection, Endpoint
from api.query.grammar import Predicate
from api.query.paths import resolve
from api.query.plan import Plan, plan
from api.query.request import read_list
from pipelines.oneroster.entity import Kind
from tests.api.query.names import names
from tests.api.query.written import FILTERS, LIMITED, QUERIES, Parameters

LISTS = {
    "/".join(one.name for one in (*endpoint.parents, endpoint.collection)): endpoint
    for endpoint in ENDPOINTS
    if not endpoint.single
}


@dataclass(frozen=True)
class Row:
    """A query of the collection at a path; `limited` for a client that may see some organisations only."""

    path: str  # without ids: schools/classes
    parameters: Parameters
    limited: bool = False
    ids: tuple[str, ...] = field(default=())

    @property
    def endpoint(self) -> Endpoint:
        return LISTS[self.path]

    @property
    def plan(self) -> Plan:
        """ApiError for what cannot be planned."""
        given = {name: [value] if isinstance(value, str) else value for name, value in self.parameters.items()}
        return plan(self.endpoint, self.ids, read_list(given))


SAMPLES: dict[Kind, str] = {
    **dict.fromkeys(Kind, "x y"),
    Kind.BOOLEAN: "true",
    Kind.DATE: "2026-04-01",
    Kind.DATETIME: "2026-08-01T04:05:06Z",
    Kind.YEAR: "2027",
    Kind.INTEGER: "30",
    Kind.FLOAT: "87.5",
}
PREDICATES: tuple[Predicate, ...] = ("=", "!=", ">", ">=", "<", "<=", "~")


def every_name() -> Iterator[Row]:
    """Every name of every collection, compared for being equal."""
    for collection in COLLECTIONS:
        for name in names(collection):
            yield Row(collection.name, {"filter": f"{name}='{SAMPLES[_kind(collection, name)]}'"})


def every_predicate() -> Iterator[Row]:
    """Every predicate with every kind of value, plain, embedded and behind a reference."""
    met = set()
    for collection in COLLECTIONS:
        for name in names(collection):
            kind, depth = _kind(collection, name), len(name.split("."))
            if (kind, depth) not in met:
                met.add((kind, depth))
                for predicate in PREDICATES:
                    yield Row(collection.name, {"filter": f"{name}{predicate}'{SAMPLES[kind]}'"})


def _kind(collection: Collection, name: str) -> Kind:
    path = resolve(collection, name)
    return path.ways[0].leaf.kind if path else Kind.TEXT


def every_nested() -> Iterator[Row]:
    """Every path below a record, for both kinds of client."""
    for path, endpoint in LISTS.items():
        if endpoint.nested:
            ids = tuple(f"{parent.singular} '1'" for parent in endpoint.parents)
            yield from (Row(path, {}, limited, ids) for limited in (False, True))


def every_order() -> Iterator[Row]:
    """Every name of every collection as an order, downwards."""
    for collection in COLLECTIONS:
        for name in names(collection):
            yield Row(collection.name, {"sort": name, "orderBy": "desc"})


def by_hand() -> Iterator[Row]:
    """The rows that are thought of, not derived."""
    for name, filters in FILTERS:
        yield from (Row(name, {"filter": text}) for text in filters)
    for name, queries in QUERIES:
        yield from (Row(name, parameters) for parameters in queries)
    yield from (Row(name, parameters, limited=True) for name, parameters in LIMITED)


ROWS: tuple[Row, ...] = (*by_hand(), *every_nested(), *every_predicate(), *every_name())
