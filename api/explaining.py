"""What a query becomes, told to people: where each name leads, the SQL, its parameters, and PostgreSQL's plan for it.

Nothing here answers requests. `python -m api explain` is for whoever wonders why a filter is slow or finds nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from api.collections import Endpoint
from api.database import Cursor
from api.query import grammar, layout, sql
from api.query.paths import Leaf, Path, Step, Way, resolve
from api.query.plan import Plan, plan
from api.query.reading import Reader
from api.query.recall import Recall
from api.query.request import ListQuery
from api.query.sql import Few, Phase
from pipelines.oneroster.entity import Kind

_BREAKS = re.compile(r"(?=\b(?:FROM|WHERE|AND|OR|ORDER BY|OFFSET|LIMIT)\b)")  # where a line of SQL may end
_DEEPEST = 1  # parentheses in which lines still are broken


def explain(endpoint: Endpoint, query: ListQuery, limited: bool) -> str:
    """All that is known without a database. Raises ApiError for what clients would be refused.

    `limited`: as for a client that may see some organisations only.
    """
    wanted = plan(endpoint, (), query)
    parts = [*_names(endpoint, query)]
    if not endpoint.collection.is_stored:
        return "\n".join([*parts, "No file of the standard brings such records: nothing is read."])
    for statement in statements(wanted, limited):
        parts += ["", *_lines(statement.decode())]
    return "\n".join([*parts, "", "parameters", *_told(_parameters(wanted))])


def statements(wanted: Plan, limited: bool, few: Few = "no") -> tuple[bytes, ...]:
    """What is run for a page: in an order, first for the records with a value, then for those without."""
    phases: tuple[Phase, ...] = ("valued", "blank") if wanted.has_blanks else ("all",)
    return tuple(sql.page(wanted, phase, limited, few) for phase in phases)


def analyze(cursor: Cursor, source: str, wanted: Plan, roots: tuple[str, ...] | None) -> Iterator[str]:
    """PostgreSQL's plan for each statement of a page, run for that source. `roots`: the organisations of a grant."""
    reader = Reader(cursor, source, Recall(), roots)
    parameters = {"source": source, **reader.view, **_parameters(wanted)}
    for statement in statements(wanted, roots is not None, reader.few(wanted)):
        found = cursor.execute(b"EXPLAIN (ANALYZE, BUFFERS) " + statement, parameters)
        yield "\n".join(line for (line,) in found)


def _parameters(wanted: Plan) -> dict[str, Any]:
    return {**wanted.values, "limit": wanted.limit + 1}  # one more tells whether a next page is due


def _names(endpoint: Endpoint, query: ListQuery) -> Iterator[str]:
    """A line for each name in the query."""
    groups = () if query.filter is None else grammar.parse(query.filter)
    for clause in (clause for group in groups for clause in group):
        if path := resolve(endpoint.collection, clause.field):
            yield f"filter {clause.field}: {_found(path)}"
    if query.sort is not None:
        path = resolve(endpoint.collection, query.sort)
        yield f"sort {query.sort}: " + (_found(path) if path and path.is_single else "nothing, so the default order")


def _found(path: Path) -> str:
    return " or ".join(_way(path.root.table, way) for way in path.ways)


def _way(table: str, way: Way) -> str:
    """`users > roles by user_sourced_id > orgs by org_sourced_id: column name (text)`"""
    return " > ".join([table, *(_step(step) for step in way.steps)]) + f": {_leaf(way.leaf)}"


def _step(step: Step) -> str:
    by = step.column or layout.owner_column(step.entity)
    if step.of_type or step.not_of_type:
        kind = f"of type {step.of_type}" if step.of_type else f"not of type {step.not_of_type}"
        return f"{step.entity.table} {kind} by {by.field}"
    return f"{step.entity.table} by {by.field}"


def _leaf(leaf: Leaf) -> str:
    if leaf.kind is Kind.DATETIME:
        return f"column {leaf.field}, by the moment of that publication"
    if leaf.key:
        return f"column {leaf.field}, key {leaf.key} ({leaf.kind.value})"
    if leaf.side is not None:
        return f"column {leaf.field}, {('left', 'right')[leaf.side]} side ({leaf.kind.value})"
    return f"column {leaf.field} ({leaf.kind.value})"


def _lines(statement: str) -> Iterator[str]:
    """SQL broken before its larger parts, those inside the first parentheses indented."""
    depth, line = 0, ""
    for piece in _BREAKS.split(statement):
        if line and depth <= _DEEPEST:
            yield line.rstrip()
            line = "    " * (depth + 1)
        line += piece
        depth += piece.count("(") - piece.count(")")
    yield line.rstrip()


def _told(parameters: Mapping[str, Any]) -> Iterator[str]:
    yield "  source = the source that is read"
    yield from (f"  {name} = {value!r}" for name, value in parameters.items())
