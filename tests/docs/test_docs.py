"""Every command in the pages can be typed, every link leads somewhere, every derived table is what is declared."""

import os
import re
import shlex

import click
import pytest

from pipelines import cli
from tests.docs import settings_tables
from tests.docs.pages import PAGES, ROOT, Page

COMMAND = "rosterhub"
OPERATOR = ROOT / "docs" / "operator.md"

each_page = pytest.mark.parametrize("page", PAGES, ids=str)


@each_page
def test_commands_exist(page: Page) -> None:
    for line in (*page.shell_lines(), *page.inline):
        if line.startswith(f"{COMMAND} "):
            _parse(line)


@each_page
def test_commands_in_code_blocks_are_complete(page: Page) -> None:
    for line in page.shell_lines():
        if line.startswith(f"{COMMAND} "):
            command, given = _parse(line)
            missing = [one.name for one in command.params if one.required and given.get(one.name or "") is None]
            assert not missing, f"{line}: {missing} missing"


def _parse(line: str) -> tuple[click.Command, dict[str, object]]:
    """The subcommand of a line and what it is given; click complains of what it does not know."""
    command, context = _root()
    words = shlex.split(line)[1:]
    while isinstance(command, click.Group) and words:
        name = words.pop(0)
        found = command.get_command(context, name)
        assert found is not None, f"{line}: there is no {name}"
        command, context = found, click.Context(found, context, info_name=name)
    return command, command.make_parser(context).parse_args(words)[0]


def _root() -> tuple[click.Command, click.Context]:
    return cli.main, click.Context(cli.main, info_name=COMMAND)


@each_page
def test_make_targets_exist(page: Page) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in (*page.shell_lines(), *page.inline):
        if line.startswith("make "):
            assert line.split()[1] in targets, line


@each_page
def test_links_lead_somewhere(page: Page) -> None:
    for link in page.links():
        if "://" not in link:
            path, _, anchor = link.partition("#")
            target = Page((page.path.parent / path).resolve() if path else page.path)
            assert target.path.exists(), link
            assert not anchor or anchor in target.anchors(), link


@each_page
def test_paths_that_are_named_exist(page: Page) -> None:
    for code in page.inline:
        if re.fullmatch(r"(pipelines|api|tests|deploy|docs|dagster_home)(/[\w.*-]+)*", code):
            assert any(ROOT.glob(code)), code


@pytest.mark.parametrize("name", settings_tables.tables())
def test_settings_tables_are_the_declared_ones(name: str) -> None:
    expected = settings_tables.put(OPERATOR.read_text(), name, settings_tables.tables()[name])
    if os.environ.get("UPDATE_GOLDEN"):
        OPERATOR.write_text(expected)
    assert OPERATOR.read_text() == expected, "a setting changed: run this test with UPDATE_GOLDEN=1"
