"""The pages as they are read: text, lines of shell, inline code, links and headings. No judgement of them is here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_PROMPT = re.compile(r"^ *(?:\$ )?((?:[A-Z_]+=\S+ )*)(?:\.venv/bin/)?")


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def prose(self) -> str:
        """Everything outside code blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def inline(self) -> list[str]:
        """Code within sentences."""
        return _INLINE.findall(self.prose)

    def shell_lines(self) -> Iterator[str]:
        """What is typed in code blocks, without prompt, variables and comment."""
        for block in _FENCE.findall(self.text):
            for line in block.splitlines():
                yield _PROMPT.sub("", line).split("  #")[0].strip()

    def links(self) -> list[str]:
        return _LINK.findall(self.prose)

    def anchors(self) -> set[str]:
        """The names under which headings are linked to."""
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(self.prose)}


PAGES = [Page(path) for path in (*sorted(ROOT.glob("README*.md")), *sorted((ROOT / "docs").rglob("*.md")))]
