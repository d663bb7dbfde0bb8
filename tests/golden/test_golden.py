"""What follows from the declarations: the schema, the rules of every column."""

from pathlib import Path

from pipelines.finding_texts import TEXTS
from pipelines.oneroster.registry import ENTITIES
from pipelines.roster import schema
from pipelines.staged.cells import read_cell
from pipelines.staged.row_rules import row_rules
from tests.golden import assert_golden

ROOT = Path(__file__).parents[2]


def test_schema() -> None:
    assert_golden("schema.sql", schema.ddl())


def test_rules() -> None:
    lines = []
    for entity in ENTITIES:
        for column in entity.columns:
            faults = read_cell(column, "cell", "value").faults
            lines.append(f"{entity.name}.{column.name}: " + " ".join(f"{one.code}={one.effect}" for one in faults))
        lines += [f"{entity.name}: {one.code}={one.effect} ({one.column})" for one in row_rules(entity)]
    assert_golden("rules.txt", "\n".join(lines) + "\n")


def test_finding_texts() -> None:
    lines = [f"{code}\n  {text.message}\n  {text.remedy}" for code, text in sorted(TEXTS.items())]
    assert_golden("findings.txt", "\n".join(lines) + "\n")


def test_every_finding_code_is_used() -> None:
    code = "\n".join(
        path.read_text() for path in (ROOT / "pipelines").rglob("*.py") if "finding_texts" not in str(path)
    )
    assert [name for name in TEXTS if f'"{name}"' not in code] == []
