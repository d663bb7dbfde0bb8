"""Settings of one source: a table of its name in `sources.toml`. All are optional, and the defaults are the rulings.

    [north_district]
    profile = "japan"                       # auto (looks at the bundle), japan or none
    strict = false                          # the standard by the letter
    encoding = "cp932"                      # of its CSV files, where they are not UTF-8
    freeze = ["2026-03-20/2026-04-05"]      # no scheduled syncs on these days (first and last included)
    thresholds = { gone_share = 0.3 }       # see roster.guard.Thresholds

What holds for the whole installation is in `pipelines.settings`.
"""

import codecs
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.contract import is_source_name
from pipelines.errors import SettingsError
from pipelines.roster.guard import Thresholds

PROFILES = ("auto", "japan", "none")


@dataclass(frozen=True)
class SourceSettings:
    """How one source's bundles are read, judged and scheduled."""

    profile: str = "auto"
    strict: bool = False
    encoding: str = "utf-8"
    freeze: tuple[tuple[date, date], ...] = ()
    thresholds: Thresholds = field(default_factory=Thresholds)

    def frozen_until(self, today: date) -> date | None:
        """The last day of the freeze window that a day lies in; None outside of all."""
        return next((last for first, last in self.freeze if first <= today <= last), None)


def of_source(path: Path, source: str) -> SourceSettings:
    """The settings of a source, defaults where the file has no table of it.

    The whole file is checked whenever it is read: raises SettingsError that lists every mistake in it.
    """
    tables = _read(path)
    mistakes = [f"{path}: {mistake}" for name, table in tables.items() for mistake in _mistakes(name, table)]
    if mistakes:
        raise SettingsError("source settings that cannot be used:\n  " + "\n  ".join(mistakes))
    return _settings(tables.get(source, {}))


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no TOML file: {error}") from error


def _settings(table: dict[str, Any]) -> SourceSettings:
    values = dict(table)
    if "freeze" in values:
        values["freeze"] = tuple(map(_window, values["freeze"]))
    if "thresholds" in values:
        values["thresholds"] = replace(Thresholds(), **values["thresholds"])
    return SourceSettings(**values)


def _window(text: str) -> tuple[date, date]:
    first, _, last = text.partition("/")
    window = date.fromisoformat(first), date.fromisoformat(last)
    if window[0] > window[1]:
        raise ValueError("it ends before it begins")
    return window


def _mistakes(source: str, table: Any) -> Iterator[str]:
    if not is_source_name(source) or not isinstance(table, dict):
        yield f'"{source}" is no table of a source'
        return
    known = {one.name for one in fields(SourceSettings)}
    yield from (
        f'{source}: "{name}" is no setting; there are {", ".join(sorted(known))}' for name in table.keys() - known
    )
    for name, check in _CHECKS.items():
        if name in table and (wrong := check(table[name])):
            yield f"{source}: {name}: {wrong}"


def _wrong_profile(value: Any) -> str:
    return "" if value in PROFILES else f"one of {', '.join(PROFILES)}"


def _wrong_flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _wrong_encoding(value: Any) -> str:
    try:
        codecs.lookup(value)
    except (LookupError, TypeError):
        return f'"{value}" is no encoding that Python knows, such as cp932'
    return ""


def _wrong_freeze(value: Any) -> str:
    try:
        [_window(one) for one in value]
    except (ValueError, AttributeError, TypeError) as error:
        return f'a list of windows such as "2026-03-20/2026-04-05" ({error})'
    return ""


def _wrong_thresholds(value: Any) -> str:
    known = [one.name for one in fields(Thresholds)]
    if not isinstance(value, dict) or value.keys() - set(known):
        return f"a table of {', '.join(known)}"
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) and one >= 0 for one in value.values())
    return "" if numbers else "numbers of zero or more"


_CHECKS = {
    "profile": _wrong_profile,
    "strict": _wrong_flag,
    "encoding": _wrong_encoding,
    "freeze": _wrong_freeze,
    "thresholds": _wrong_thresholds,
}
