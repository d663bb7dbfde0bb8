"""A name as clients write it → where its values are: `familyName`, `class.school.name`, `metadata.jp.kanaGivenName`.

Names are those of the JSON. A dotted one follows references, lists and what is embedded, as the declarations know them;
nothing leads to demographics or to a secret, because nothing refers to them. What values are
compared with is in operands.py, the SQL in predicates.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from api import editions
from api.collections import Collection
from api.query import layout
from pipelines.contract import METADATA, PUBLICATION, SOURCED_ID, STATUS
from pipelines.oneroster import registry
from pipelines.oneroster.entity import LISTS, Column, Entity, Kind

MOST_STEPS = 5  # of following: enough for result.lineItem.class.school.parent.name, too few to wear a server out


@dataclass(frozen=True)
class Step:
    """From a row to rows of `entity`: those that a reference column names, or those embedded in it if there is none."""

    entity: Entity
    column: Column | None = None
    of_type: str = ""  # only where the record there has this type …
    not_of_type: str = ""  # … or has another than this

    @property
    def many(self) -> bool:
        """Whether it can lead to more than one row."""
        return self.column is None or self.column.kind in LISTS


@dataclass(frozen=True)
class Leaf:
    """The values at the end of a path: a field of the row reached."""

    field: str
    kind: Kind
    key: str = ""  # the metadata key
    side: int | None = None  # of pairs: the left or the right
    is_uri: bool = False  # an id that REST shows as a URI
    has_time: bool = False  # a date that REST shows with a time

    @property
    def many(self) -> bool:
        """Whether it holds a list."""
        return self.kind in LISTS


@dataclass(frozen=True)
class Way:
    """One way to a path's values: steps to follow, one after the other, and the leaf there."""

    steps: tuple[Step, ...]
    leaf: Leaf

    @property
    def looked_into(self) -> tuple[Step, ...]:
        """The steps to rows of which more is read than the id, which the row before has as well."""
        return self.steps[:-1] if self.leaf.field == SOURCED_ID else self.steps


@dataclass(frozen=True, eq=False)  # kept by `resolve`: there is one of each, and they are keys of caches
class Path:
    """Where the values of a name are. There are two ways where a property joins what two files say."""

    name: str
    root: Entity  # of the record that it starts from
    ways: tuple[Way, ...]

    @cached_property
    def is_single(self) -> bool:
        """Whether a record has at most one value there, so that it can be sorted by it."""
        (way, *others) = self.ways
        return not others and not way.leaf.many and not any(step.many for step in way.steps)

    @cached_property
    def visited(self) -> tuple[Entity, ...]:
        """The entities whose records, not only their ids, it looks into."""
        steps = (step for way in self.ways for step in way.looked_into if step.column is not None)
        return tuple({step.entity.name: step.entity for step in steps}.values())


@lru_cache(maxsize=10_000)  # names come from clients: metadata keys are theirs to choose
def resolve(collection: Collection, name: str) -> Path | None:
    """Where that name leads from the collection's records; None if nowhere."""
    too_deep = name.count(".") > MOST_STEPS + 1 and not name.startswith(f"{METADATA}.")
    if too_deep or name.endswith("."):
        return None
    ways = tuple(_record_ways(collection.entity, name))
    return Path(name, collection.entity, ways) if ways and len(ways[0].steps) <= MOST_STEPS else None


def _record_ways(entity: Entity, name: str) -> Iterator[Way]:
    """The ways from a record of an entity with JSON of its own."""
    head, _, tail = name.partition(".")
    if head == METADATA and tail:
        yield Way((), Leaf(METADATA, Kind.TEXT, key=tail))
    elif name in _LIFECYCLE:
        yield Way((), _LIFECYCLE[name])
    yield from _column_ways(entity, name)
    for rows in registry.embedded_in(entity):
        if rows.embedding and rows.embedding.json == head:
            yield from (_after(Step(rows), way) for way in _embedded_ways(rows, tail))


_LIFECYCLE = {
    "sourcedId": Leaf(SOURCED_ID, Kind.ID),
    "status": Leaf(STATUS, Kind.ENUM),
    "dateLastModified": Leaf(PUBLICATION, Kind.DATETIME),
}


def _column_ways(entity: Entity, name: str) -> Iterator[Way]:
    """The ways that start with a served column of the row itself."""
    for column in layout.served(entity):
        if name == column.json and not column.json_by_type[0]:
            yield from _bare(column)
        elif column.kind is Kind.PAIRS and name.startswith(f"{column.json}."):
            yield from _pair(column, name.removeprefix(f"{column.json}."))
        elif column.to:
            yield from _referred(column, editions.declaring(entity).entities[column.to], name)


def _bare(column: Column) -> Iterator[Way]:
    """The column's own values; a bare reference compares its sourcedId, and pairs have no value of their own."""
    if column.kind is not Kind.PAIRS:
        yield Way((), Leaf(column.field, column.kind, is_uri=column.as_uri, has_time=column.as_datetime))


def _pair(column: Column, side: str) -> Iterator[Way]:
    if side in column.json_keys:
        yield Way((), Leaf(column.field, column.kind, side=column.json_keys.index(side)))


def _referred(column: Column, target: Entity, name: str) -> Iterator[Way]:
    """The ways through a reference. One that is shown under two names is followed even for the id: its type decides."""
    special, special_json = column.json_by_type
    for property_, of_type, not_of_type in ((column.json, "", special), (special_json, special, "")):
        head, _, tail = name.partition(".")
        if not property_ or head != property_ or column.as_uri:
            continue
        if tail in {"", "sourcedId"} and not special:
            yield Way((), Leaf(column.field, column.kind))
        else:
            step = Step(target, column, of_type, not_of_type)
            yield from (_after(step, way) for way in _record_ways(target, tail or "sourcedId"))


def _embedded_ways(rows: Entity, name: str) -> Iterator[Way]:
    """The ways from an embedded row; `name` is what follows the owner's property."""
    embedding = rows.embedding
    if embedding is None:
        return
    if embedding.id_json and name == embedding.id_json:
        yield Way((), Leaf(SOURCED_ID, Kind.ID, is_uri=True))
    elif embedding.shape == "objects":
        yield from _column_ways(rows, name)
    elif embedding.shape == "groups":
        yield from _column_ways(rows, _in_group(rows, embedding.group, name))
    else:
        (link,) = layout.served(rows)
        yield from _column_ways(rows, f"{link.json}.{name}" if name else link.json)


def _in_group(rows: Entity, group: str, name: str) -> str:
    """The column that a name inside a group means: the group's items are bare where they have one property."""
    head, _, tail = name.partition(".")
    if head != group:
        return name if name == layout.GROUPED_BY else ""
    items = [column.json for column in layout.served(rows) if column.json != layout.GROUPED_BY]
    if len(items) == 1:
        return "" if tail else items[0]
    return tail if tail in items else ""


def _after(step: Step, way: Way) -> Way:
    return replace(way, steps=(step, *way.steps))
