"""Comparisons → SQL: what a record of the row `t` must meet. Names come from the declarations, values are parameters.

Parameters: `source`; for the n-th comparison `v<n>` (or `v<n>_0`, `v<n>_1` … where several will do) and `k<n>`, the
metadata key. An absent value makes every predicate false except `!=`; of a list any element will do (rulings, REST).
"""

from dataclasses import dataclass
from typing import Literal

from psycopg.sql import SQL, Composable, Identifier, Placeholder
from psycopg.sql import Literal as Constant

from api.query import layout
from api.query.grammar import Predicate
from api.query.paths import Leaf, Path, Step, Way
from api.query.relations import equals, relation
from api.query.rows import of, shown
from api.query.visibility import visible
from pipelines.contract import METADATA, PUBLICATIONS, SOURCED_ID
from pipelines.oneroster.entity import LISTS, Entity, Kind

RECORD = Identifier("t")

Form = Literal["one", "any", "set"]  # of the operand: a value, several of which one will do, or a whole list


@dataclass(frozen=True)
class Comparison:
    """A clause with its name resolved. Its values are not in it, so that it can be a key of composed SQL."""

    path: Path
    predicate: Predicate
    form: Form = "one"
    values: int = 1


Where = tuple[tuple[Comparison, ...], ...]  # a record meets all of one group


def where(groups: Where, limited: bool) -> Composable:
    """The whole filter in parentheses. `limited`: paths reach only records that the client may see."""
    numbered, number = [], 0
    for group in groups:
        parts = []
        for comparison in group:
            parts.append(_compared(comparison, number, limited))
            number += 1
        numbered.append(SQL(" AND ").join(parts))
    return SQL("({})").format(SQL(" OR ").join(numbered))


def value(path: Path, limited: bool) -> Composable:
    """The one value of a path from `t`, to sort by. dateLastModified sorts as the publications it is taken from."""
    (way,) = path.ways
    return _value(RECORD, way.steps, way.leaf, limited, 1)


def _value(row: Identifier, steps: tuple[Step, ...], leaf: Leaf, limited: bool, depth: int) -> Composable:
    if not steps:
        return of(row, leaf.field) if not leaf.key else _metadata(row, Placeholder("sort_key"))
    reached = Identifier(f"s{depth}")
    return SQL("(SELECT {value} FROM {rows} WHERE {met})").format(
        value=_value(reached, steps[1:], leaf, limited, depth + 1),
        rows=SQL("{} {}").format(relation(steps[0].entity), reached),
        met=_joined(steps[0], row, reached, limited),
    )


def _compared(comparison: Comparison, number: int, limited: bool) -> Composable:
    ways = [_met(RECORD, comparison.path.root, way, comparison, number, limited) for way in comparison.path.ways]
    met = ways[0] if len(ways) == 1 else SQL("({})").format(SQL(" OR ").join(ways))
    return SQL("({}) IS NOT TRUE").format(met) if comparison.predicate == "!=" else met


def _met(
    row: Identifier, entity: Entity, way: Way, comparison: Comparison, number: int, limited: bool, depth: int = 1
) -> Composable:
    if not way.steps:
        is_equality = comparison.predicate in {"=", "!="} and comparison.form == "one"
        equal = equals(entity, way.leaf.field, row, Placeholder(f"v{number}")) if is_equality else None
        return equal or _leaf(row, way.leaf, comparison, number)
    step, reached = way.steps[0], Identifier(f"r{depth}")
    rest = Way(way.steps[1:], way.leaf)
    return SQL("EXISTS (SELECT FROM {table} {reached} WHERE {joined} AND {met})").format(
        table=relation(step.entity),
        reached=reached,
        joined=_joined(step, row, reached, limited),
        met=_met(reached, step.entity, rest, comparison, number, limited, depth + 1),
    )


def _joined(step: Step, row: Identifier, reached: Identifier, limited: bool) -> Composable:
    """What makes a row one that the step leads to. Embedded rows are shown with their owner, so its grant is enough."""
    parts: list[Composable] = [SQL("{}.source = %(source)s").format(reached)]
    if step.column is None:
        parts.append(SQL("{} = {}").format(of(reached, layout.owner_column(step.entity).field), of(row, SOURCED_ID)))
        parts.append(shown(step.entity, reached))
    else:
        form = SQL("{} = ANY ({})") if step.many else SQL("{} = {}")
        parts.append(form.format(of(reached, SOURCED_ID), of(row, step.column.field)))
        parts += [visible(step.entity, reached, reached=True)] if limited else []
    if step.of_type:
        parts.append(SQL("{} = {}").format(of(reached, "type"), Constant(step.of_type)))
    if step.not_of_type:
        parts.append(SQL("{} IS DISTINCT FROM {}").format(of(reached, "type"), Constant(step.not_of_type)))
    return SQL(" AND ").join(parts)


def _leaf(row: Identifier, leaf: Leaf, comparison: Comparison, number: int) -> Composable:
    """The comparison with the values at the leaf, as if `!=` were `=`."""
    predicate = "=" if comparison.predicate == "!=" else comparison.predicate
    names = _names(comparison, number)
    if leaf.kind is Kind.DATETIME:
        return _moment(row, predicate, names)
    if leaf.kind in LISTS:
        return _element(of(row, leaf.field), leaf, comparison.form, predicate, names)
    plain = _metadata(row, Placeholder(f"k{number}")) if leaf.field == METADATA else of(row, leaf.field)
    return _holds(_written(plain, leaf) if predicate == "~" else plain, predicate, names)


def _names(comparison: Comparison, number: int) -> list[Placeholder]:
    if comparison.form != "any":
        return [Placeholder(f"v{number}")]
    return [Placeholder(f"v{number}_{choice}") for choice in range(comparison.values)]


def _holds(left: Composable, predicate: str, names: list[Placeholder]) -> Composable:
    operator = SQL("ILIKE") if predicate == "~" else SQL(predicate)  # one of the grammar's own
    parts = [SQL("{} {} {}").format(left, operator, name) for name in names]
    return parts[0] if len(parts) == 1 else SQL("({})").format(SQL(" OR ").join(parts))


def _element(column: Composable, leaf: Leaf, form: Form, predicate: str, names: list[Placeholder]) -> Composable:
    """Any element of a list, or the list as a set."""
    if form == "set":
        return SQL("({column} @> {all}::text[] AND {column} <@ {all}::text[])").format(column=column, all=names[0])
    if predicate == "=" and leaf.side is None:
        return SQL("{} @> ARRAY[{}]::text[]").format(column, names[0])
    item: Composable = SQL("i.item")
    if leaf.side is not None:
        item = _SIDES[leaf.side]
    return SQL("EXISTS (SELECT FROM unnest({}) AS i (item) WHERE {})").format(column, _holds(item, predicate, names))


# Of a pair: they are parted by its first colon, and without one the right side is empty.
_LEFT = SQL("split_part(i.item, ':', 1)")
_SIDES = (_LEFT, SQL("substr(i.item, length({}) + 2)").format(_LEFT))


def _moment(row: Identifier, predicate: str, names: list[Placeholder]) -> Composable:
    """A record's date is its publication's moment, so the few publications that meet it are looked up, not the rows."""
    moment: Composable = SQL("p.moment")
    if predicate == "~":
        moment = SQL("""to_char(p.moment, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""")
    statement = SQL("{} = ANY (ARRAY (SELECT p.id FROM {} p WHERE p.source = %(source)s AND {}))")
    met = _holds(moment, predicate, names)
    return statement.format(of(row, layout.RECORD[layout.PUBLICATION_AT]), Identifier(PUBLICATIONS), met)


def _metadata(row: Identifier, key: Placeholder) -> Composable:
    return SQL('(({}.metadata ->> {}) COLLATE "C")').format(row, key)


def _written(column: Composable, leaf: Leaf) -> Composable:
    """A value as text: dates as REST writes them, numbers as PostgreSQL does (10, where JSON has 10.0)."""
    if leaf.kind is Kind.DATE:
        picture = 'YYYY-MM-DD"T00:00:00.000Z"' if leaf.has_time else "YYYY-MM-DD"
        return SQL("to_char({}, {})").format(column, Constant(picture))
    if leaf.kind in {Kind.BOOLEAN, Kind.YEAR, Kind.INTEGER, Kind.FLOAT}:
        return SQL("{}::text").format(column)
    return column
