"""Every module says what it is; every table keyed by Kind knows every Kind; no size runs away."""

import ast
from pathlib import Path

import pytest

from pipelines import frames
from pipelines.oneroster.entity import Kind
from pipelines.roster import schema
from pipelines.staged import cells

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path for package in ("pipelines", "api", "deploy") for path in (ROOT / package).rglob("*.py") if path.stat().st_size
)
UNWANTED_NAMES = {"utils", "helpers", "common", "manager", "misc", "base", "core"}
LINE_LIMIT = 400


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "a module opens with a docstring"
    assert path.stem not in UNWANTED_NAMES
    assert len(path.read_text().splitlines()) <= LINE_LIMIT


@pytest.mark.parametrize(
    "table", [cells.READERS, frames.FRAME_TYPES, schema.SQL_TYPES], ids=["READERS", "FRAME_TYPES", "SQL_TYPES"]
)
def test_tables_by_kind_know_every_kind(table: dict) -> None:
    assert set(table) == set(Kind)
