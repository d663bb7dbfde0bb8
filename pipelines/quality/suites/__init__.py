"""The suites: one YAML file per entity beside this module, read and checked against the declarations.

A suite is a list of expectations; `type` is one of Great Expectations' names, `with` its arguments. Column names are
those of staged rows (snake_case). `level: error` keeps a bundle from being published, `level: warning` only tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import SettingsError
from pipelines.oneroster.entity import snake_case
from pipelines.oneroster.registry import BY_NAME

FOLDER = Path(__file__).parent


class Level(StrEnum):
    """What a broken expectation does."""

    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Expectation:
    """One expectation about the accepted rows of one entity's bulk file."""

    entity: str
    title: str
    type: str
    level: Level
    description: str
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name among all suites."""
        return f"{snake_case(self.entity)}_{self.title}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it looks at; none for one about the number of rows."""
        single = [self.arguments[key] for key in ("column", "column_A", "column_B") if key in self.arguments]
        return (*single, *self.arguments.get("column_list", ()))


@cache
def expectations(folder: Path = FOLDER) -> tuple[Expectation, ...]:
    """All expectations of the suites in a folder; raises SettingsError for one that makes no sense."""
    return tuple(expectation for path in sorted(folder.glob("*.yaml")) for expectation in _suite(path))


def _suite(path: Path) -> Iterator[Expectation]:
    if path.stem not in BY_NAME:
        raise SettingsError(f"{path}: there is no entity {path.stem}; name the file as one of {', '.join(BY_NAME)}")
    try:
        rows = yaml.safe_load(path.read_text())
        for row in rows:
            yield _checked(path, Expectation(path.stem, **_fields(row)))
    except (yaml.YAMLError, TypeError, KeyError, ValueError) as error:
        raise SettingsError(
            f"{path}: not a list of expectations with name, type, level, description and with: {error}"
        ) from error


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    plain = dict(row)
    return {
        "title": plain.pop("name"),
        "level": Level(plain.pop("level")),
        "arguments": plain.pop("with", {}),
        **plain,
    }


def _checked(path: Path, expectation: Expectation) -> Expectation:
    entity = BY_NAME[expectation.entity]
    known = {"sourced_id", *(column.field for column in entity.stored)}
    unknown = [column for column in expectation.columns if column not in known]
    if unknown:
        raise SettingsError(f"{path}: {expectation.title} names {', '.join(unknown)}, which {entity.name} has not")
    return expectation
