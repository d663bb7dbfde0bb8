"""What to read for a query, with every name resolved: a Plan is all that SQL is composed from and run with.

Pure: no request and no connection enters. What ends here as an error names the parameter and the place.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from api import errors
from api.collections import Endpoint
from api.query import cursors, grammar, layout, membership
from api.query.cursors import Key, Order
from api.query.grammar import Clause
from api.query.operands import operand
from api.query.paths import Leaf, Path, resolve
from api.query.predicates import Comparison, Form, Where
from api.query.request import ListQuery
from pipelines.oneroster.entity import Entity, Kind

_ORDERED_LISTS = frozenset({Kind.WORDS, Kind.ENUMS})

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """Records of an endpoint in an order: `limit` of them, after a key or after the first `skip`.

    `where`, `order` and whether a key is given shape the SQL; `values` are its parameters.
    """

    endpoint: Endpoint
    limit: int
    after: Key | None = None
    skip: int = 0
    where: Where = ()
    order: Order | None = None  # None: by sourcedId
    values: Values = field(default_factory=dict)
    fields: frozenset[str] | None = None

    @property
    def asks_for_dates(self) -> bool:
        """Whether it compares dateLastModified, which finds publications: how many records these have is not known."""
        paths = (comparison.path for group in self.where for comparison in group)
        return any(way.leaf.kind is Kind.DATETIME for path in paths for way in path.ways)

    @property
    def searches(self) -> bool:
        """Whether it looks for parts of texts, which costs as much as all the rest if it is done twice."""
        return any(comparison.predicate == "~" for group in self.where for comparison in group)

    @property
    def has_blanks(self) -> bool:
        """Whether it orders by what records can be without: those come last, in a walk of their own."""
        return self.order is not None and self.order.has_blanks

    @property
    def takes_all(self) -> bool:
        """Whether it finds every record of its entity."""
        return not (self.where or self.endpoint.nested or self.endpoint.collection.condition)

    @property
    def subject(self) -> tuple[object, ...]:
        """What decides which records there are, whatever the page: the key of their total."""
        return (self.endpoint, self.where, repr(self.values))


@dataclass(frozen=True, slots=True)
class Manners:
    """How names are met: `opens` tells which entities the client may look into; unknown ones may be refused."""

    opens: Callable[[Entity], bool] = lambda entity: True
    refuse_unknown: bool = False


def plan(endpoint: Endpoint, ids: Sequence[str], query: ListQuery, manners: Manners | None = None) -> Plan:
    """The plan of a list.

    A page that starts after a key is found by it, so it costs the same at any depth; its offset is for links only.
    """
    manners = manners or Manners()
    order = _order(endpoint, query, manners)
    values: Values = dict(membership.parameters(ids))
    where = _where(endpoint, query.filter, values, manners) if query.filter is not None else ()
    if order is not None and order.path.ways[0].leaf.key:
        values["sort_key"] = order.path.ways[0].leaf.key
    return Plan(
        endpoint,
        query.limit,
        after=None if query.after is None else cursors.read(order, query.after),
        skip=query.offset if query.after is None else 0,
        where=where,
        order=order,
        values=values,
        fields=shown_fields(endpoint, query.fields, manners),
    )


def shown_fields(endpoint: Endpoint, names: Sequence[str] | None, manners: Manners) -> frozenset[str] | None:
    """The properties to show, None for all. `a.b` selects `a`; an unknown name selects everything (rulings)."""
    if names is None:
        return None
    heads = frozenset(name.partition(".")[0] for name in names)
    unknown = heads - layout.properties(endpoint.collection)
    if unknown and manners.refuse_unknown:
        raise errors.invalid(f"fields: there is no {min(unknown)} to show.", "invalid_selection_field")
    return None if unknown else heads


def _order(endpoint: Endpoint, query: ListQuery, manners: Manners) -> Order | None:
    """The order asked for; an unknown name, or one that a record has many values of, leaves the default (rulings)."""
    if query.sort is None:
        return None
    path = resolve(endpoint.collection, query.sort)
    if path is None or not path.is_single:
        if manners.refuse_unknown:
            raise errors.invalid("sort: there is no such field to sort by.", "invalid_sort_field")
        return None
    _visit(path, "sort", manners)
    return Order(path, query.descending)


def _where(endpoint: Endpoint, text: str, values: Values, manners: Manners) -> Where:
    numbers = iter(range(grammar.MOST_CLAUSES))
    return tuple(
        tuple(_comparison(endpoint, clause, next(numbers), values, manners) for clause in group)
        for group in grammar.parse(text)
    )


def _comparison(endpoint: Endpoint, clause: Clause, number: int, values: Values, manners: Manners) -> Comparison:
    """The clause resolved; its values are put among the parameters."""
    path = resolve(endpoint.collection, clause.field)
    if path is None:
        raise grammar.fault(f"there is no field {clause.field} to filter by at character {clause.at}")
    _visit(path, "filter", manners)
    leaf = path.ways[0].leaf
    if leaf.key:
        values[f"k{number}"] = leaf.key
    form, found = _operands(path, clause)
    names = [f"v{number}"] if form != "any" else [f"v{number}_{choice}" for choice in range(len(found))]
    values.update(zip(names, found, strict=True))
    return Comparison(path, clause.predicate, form, len(found))


def _operands(path: Path, clause: Clause) -> tuple[Form, list[Any]]:
    """How the value is compared: as one, as several of which one will do, or as a whole list (guide 2.3)."""
    leaf = path.ways[0].leaf
    items = [item.strip() for item in clause.value.split(",")] if leaf.kind in _ORDERED_LISTS else []
    if clause.predicate in {"=", "!="} and len(items) > 1:
        return "set", [items]
    if clause.predicate != "~":
        return "one", [_operand(leaf, clause)]
    texts = items or [_operand(leaf, clause) if leaf.is_uri else clause.value]
    patterns = [pattern for text in texts for pattern in _patterns(text)]
    return ("one" if len(patterns) == 1 else "any"), patterns


def _operand(leaf: Leaf, clause: Clause) -> Any:
    try:
        return operand(leaf, clause.value)
    except ValueError as fault:
        raise grammar.fault(f"{fault} for {clause.field} at character {clause.at}") from None


def _patterns(text: str) -> Iterator[str]:
    """LIKE patterns for texts that contain this one.

    ILIKE folds ASCII alone in the columns' collation, so what has other letters is looked for in all usual spellings.

    >>> list(_patterns("50%_a")), list(_patterns("öztürk"))
    (['%50\\\\%\\\\_a%'], ['%öztürk%', '%ÖZTÜRK%', '%Öztürk%'])
    """
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    others = [] if escaped.isascii() else [escaped.lower(), escaped.upper(), escaped.title()]
    yield from dict.fromkeys(f"%{spelling}%" for spelling in (escaped, *others))


def _visit(path: Path, parameter: str, manners: Manners) -> None:
    """A path into records that the client's scopes do not open would tell of them: 403."""
    for entity in path.visited:
        if not manners.opens(entity):
            raise errors.ApiError(403, f"{parameter}: {path.name} looks into {entity.name}, which needs another scope.")
