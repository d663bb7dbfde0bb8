"""Places in an order: what `after` means, and how a place is written into a link. Clients take it as it is.

In the default order the place is the sourcedId of the record before. In another it is that record's value and id,
so that it holds even where the record has changed or is gone.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from api import errors, opaque
from api.query.paths import Path
from pipelines.oneroster.entity import Kind


@dataclass(frozen=True, slots=True)
class Order:
    """By the values of a path, then by sourcedId, both in the same direction; records without a value come last."""

    path: Path
    descending: bool = False

    @property
    def has_blanks(self) -> bool:
        """Whether records can be without a value."""
        (way,) = self.path.ways
        return bool(way.steps) or self.path.name not in {"sourcedId", "status", "dateLastModified"}


@dataclass(frozen=True, slots=True)
class Key:
    """The record after which a page starts. `value`: what it is ordered by, None if it has none."""

    id: str
    value: Any = None


def written(order: Order | None, key: Key) -> str:
    """The key as a link carries it."""
    if order is None:
        return key.id
    value = key.value.isoformat() if isinstance(key.value, date) else key.value
    return opaque.written([value, key.id])


def read(order: Order | None, text: str) -> Key:
    """The inverse; ApiError 400 for what no link of this order carries."""
    if order is None:
        return Key(text)
    try:
        value, id = opaque.read(text)
        return Key(opaque.plain(id), None if value is None else _typed(order.path.ways[0].leaf.kind, value))
    except (ValueError, TypeError):
        raise errors.invalid("after is not from a link of this order: follow the links of a first page.") from None


def _typed(kind: Kind, value: Any) -> Any:
    """The value as the column has it. ValueError for one of another type."""
    if kind is Kind.DATE:
        return date.fromisoformat(value)
    expected = _TYPES.get(kind, str)
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise ValueError("of another type")
    return opaque.plain(value) if isinstance(value, str) else value


_TYPES: dict[Kind, Any] = {
    Kind.BOOLEAN: bool,
    Kind.DATETIME: int,  # the publication that the date is taken from
    Kind.YEAR: int,
    Kind.INTEGER: int,
    Kind.FLOAT: (int, float),
}
