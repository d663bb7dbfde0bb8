"""Both editions have the sections that operators know, and the same commands in them."""

from pathlib import Path

import pytest

from tests.docs.runbook.blocks import EDITIONS, blocks, sections

# The runbook of the system that RosterHub replaces: its numbers are what people look things up by.
KNOWN = (
    *("1", "2", "2.1", "2.2", "3", "3.1", "3.2", "3.3", "3.4", "4", "4.1", "4.2", "4.3"),
    *("5", "5.1", "5.2", "5.3", "5.4", "5.5", "6", "6.1", "6.2", "6.3", "7", "7.1", "7.2", "8", "8.1", "8.2", "9"),
)


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.name)
def test_sections_are_those_that_operators_know(edition: Path) -> None:
    assert tuple(sections(edition)) == KNOWN


def test_commands_are_the_same() -> None:
    english, japanese = (list(blocks(edition)) for edition in EDITIONS)
    assert english == japanese


def test_most_commands_are_run() -> None:
    found = list(blocks(EDITIONS[0]))
    unchecked = [command for block in found if block.check == "cannot" for command in block.commands]
    assert unchecked == ["docker system df"]
