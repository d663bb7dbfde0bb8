"""The commands of a runbook: by section, with how the comment before their block says that they are checked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.docs.pages import ROOT

EDITIONS = (ROOT / "docs" / "runbook.md", ROOT / "docs" / "runbook.ja.md")

CHECKS = ("run", "files", "cannot")

_PART = re.compile(
    r"^#{2,3} (?P<section>\d[\d.]*\d|\d)\.? [^\n]*$|^ *<!-- check: (?P<check>\w+) -->$|^ *```sh\n(?P<code>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """Commands that belong together; comments are left out."""

    section: str
    check: str
    commands: tuple[str, ...]


def blocks(edition: Path) -> Iterator[Block]:
    """Every block of shell in the edition. AssertionError for one that does not say how it is checked."""
    section, check = "", ""
    for part in _PART.finditer(edition.read_text()):
        section = part["section"] or section
        if part["code"] is None:
            check = part["check"] or ""
            continue
        assert check in CHECKS, f"{edition.name}, {section}: say how this block is checked:\n{part['code']}"
        yield Block(section, check, tuple(_commands(part["code"])))
        check = ""


def commands(check: str) -> list[str]:
    """The commands of the English edition that are checked in that way."""
    return [command for block in blocks(EDITIONS[0]) if block.check == check for command in block.commands]


def sections(edition: Path) -> list[str]:
    """The numbers of its headings."""
    return [part["section"] for part in _PART.finditer(edition.read_text()) if part["section"]]


def _commands(code: str) -> Iterator[str]:
    for line in code.splitlines():
        if line.strip() and not line.strip().startswith("#"):
            yield line.strip()
