"""The filter of a collection as text → clauses (REST binding 1.2, filtering; guide 2.3).

    filter    = clause { (" AND " | " OR ") clause }        AND binds tighter, there are no parentheses
    clause    = field predicate "'" value "'"               a quote inside the value is doubled

Values are read first, so `AND`, `OR` and predicates may stand in them. What a field means is not known here.
"""

import re
from dataclasses import dataclass
from typing import Literal, NoReturn, cast

from api import errors

Predicate = Literal["=", "!=", ">", ">=", "<", "<=", "~"]

MOST_CLAUSES = 200

_FIELD = re.compile(r"\s*([^\s\0'=!<>~&]+)\s*")
_PREDICATE = re.compile(r"(!=|>=|<=|=|>|<|~)\s*")
_VALUE = re.compile(r"'((?:[^']|'')*+)'")
_LOGICAL = re.compile(r"\s+(AND|OR)(?=\s)")


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison. `at` is the place of the field in the filter, counted from 1."""

    field: str
    predicate: Predicate
    value: str
    at: int


Filter = tuple[tuple[Clause, ...], ...]  # a record meets all clauses of one of the groups


def parse(text: str) -> Filter:
    """The clauses of a filter, in groups. Raises ApiError 400 that names the place where it cannot be read.

    >>> [[clause.value for clause in group] for group in parse("a='x AND y' AND b!='it''s' OR c~'z'")]
    [['x AND y', "it's"], ['z']]
    """
    groups: list[list[Clause]] = [[]]
    place, clauses = 0, 0
    while True:
        clause, place = _clause(text, place)
        groups[-1].append(clause)
        clauses += 1
        if clauses > MOST_CLAUSES:
            _refuse(f"more than {MOST_CLAUSES} comparisons", clause.at - 1)
        if not text[place:].strip():
            return tuple(tuple(group) for group in groups)
        logical = _LOGICAL.match(text, place)
        if logical is None:
            _refuse("AND or OR, with a space on either side, is expected", place)
        if logical[1] == "OR":
            groups.append([])
        place = logical.end()


def _clause(text: str, place: int) -> tuple[Clause, int]:
    """The clause that starts there, and where it ends."""
    field = _FIELD.match(text, place)
    if field is None:
        _refuse("the name of a field is expected", place)
    predicate = _PREDICATE.match(text, field.end())
    if predicate is None:
        _refuse(f"one of = != > >= < <= ~ is expected after {field[1]}", field.end())
    value = _VALUE.match(text, predicate.end())
    if value is None:
        _refuse("a value in single quotes is expected (a quote inside it is doubled)", predicate.end())
    if "\0" in value[1]:
        _refuse("the value holds a NUL character, which no record has", value.start())
    written = value[1].replace("''", "'")
    return Clause(field[1], cast(Predicate, predicate[1]), written, field.start(1) + 1), value.end()


def _refuse(expected: str, place: int) -> NoReturn:
    raise fault(f"{expected} at character {place + 1}")


def fault(what: str) -> errors.ApiError:
    """400 for a filter: `what` says where and why."""
    return errors.invalid(f"filter: {what}.", "invalid_filter_field")
