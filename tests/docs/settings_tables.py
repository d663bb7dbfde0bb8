"""The settings tables of docs/operator.md, made from the declarations. Renew the page with UPDATE_GOLDEN=1."""

import re
from collections.abc import Iterable
from dataclasses import fields

from api import settings as api_settings
from pipelines import settings

Row = tuple[str, str | None, str]  # variable, default as an operator would write it, help


def tables() -> dict[str, str]:
    """Markdown by the name of its place in the page."""
    shared = [(one.variable, one.default, one.help) for one in settings.table()]
    known = {variable for variable, _, _ in shared}
    return {"settings": _table(shared), "api settings": _table(row for row in _of_the_api() if row[0] not in known)}


def put(page: str, name: str, table: str) -> str:
    """The page with the table in its place."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    place = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    assert place.search(page), f"the page has no place {begin}"
    return place.sub(lambda _: f"{begin}\n{table}\n{end}", page)


def _of_the_api() -> Iterable[Row]:
    declared = (item.metadata for item in fields(api_settings.Settings))
    return ((one["variable"], one["default"], one["help"]) for one in declared)


def _table(rows: Iterable[Row]) -> str:
    lines = [f"| `{variable}` | {_default(default)} | {help} |" for variable, default, help in rows]
    return "\n".join(["| variable | default | |", "|---|---|---|", *lines])


def _default(text: str | None) -> str:
    if text == "{zone}":
        return "this machine's"
    return "" if text is None else f"`{text.format(home='$ROSTERHUB_HOME')}`"
