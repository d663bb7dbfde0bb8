"""`make audit`: asks the advisory database of the Python Package Index whether a locked package has a known fault.

pip-audit asks. Here is what its answer means: that nobody could be asked is not that nothing is known.
"""

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from deploy.validation import tools
from deploy.validation.locks import RUNTIME, TESTED
from deploy.validation.tools import MissingToolError
from pipelines.errors import some

EXCEPTIONS = Path(__file__).with_name("exceptions.toml")
_SHOWN = 5
NOTHING, FOUND, UNKNOWN = 0, 1, 3  # exit codes, of the same meaning as those of `rosterhub`

_ASK = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off", "--timeout", "15")


class UnansweredError(Exception):
    """Nobody could be asked; the message says why."""


@dataclass(frozen=True)
class Advisory:
    """A known fault. `fixed_in` is "" where nothing is fixed yet; `names` are all that it is known by."""

    package: str
    version: str
    names: tuple[str, ...]
    fixed_in: str

    def __str__(self) -> str:
        remedy = f"fixed in {self.fixed_in}" if self.fixed_in else "not fixed yet"
        return f"{self.package} {self.version}: {', '.join(self.names)}, {remedy}"


@dataclass(frozen=True)
class Exemption:
    """An advisory that does not concern us, until it has to be looked at again."""

    id: str
    package: str
    reason: str
    until: date

    def covers(self, advisory: Advisory, today: date) -> bool:
        """Whether it still holds, and for that."""
        return self.id in advisory.names and self.package == advisory.package and today < self.until


def main() -> int:
    """Print what is known: 0 nothing that counts, 1 something, 3 nobody could be asked."""
    try:
        answer = asked((TESTED, RUNTIME))
        known = list(advisories(answer))
    except (UnansweredError, MissingToolError) as error:
        click.echo(f"Error: {error}")
        return UNKNOWN
    counting = [one for one in known if not _exempted(one)]
    for one in counting:
        click.echo(f"{one}")
    if counting:
        click.echo(f"Raise the version in pyproject.toml and run `make lock`, or say why not in {EXCEPTIONS.name}")
    click.echo(
        f"{len(answer['dependencies'])} packages: {len(counting)} known faults, {len(known) - len(counting)} exempted"
    )
    return FOUND if counting else NOTHING


def asked(locks: Sequence[Path]) -> Mapping[str, Any]:
    """pip-audit's answer for those locks; UnansweredError if there is none."""
    done = tools.run("pip-audit", *_ASK, *(part for lock in locks for part in ("--requirement", lock)))
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise UnansweredError(
            f"the advisory service could not be asked, so nothing is known: {_last_line(done.stderr)}"
        ) from None
    return answer


def advisories(answer: Mapping[str, Any]) -> Iterator[Advisory]:
    """What it tells, one by one; UnansweredError if it left packages out, which it does with those it does not find."""
    skipped = [one["name"] for one in answer["dependencies"] if "skip_reason" in one]
    if skipped:
        left_out = f"{len(skipped)} of {len(answer['dependencies'])} packages ({some(skipped, _SHOWN)})"
        raise UnansweredError(
            f"the advisory service does not have {left_out}, so nothing is known of them. If it has none at all, "
            "something else answers in its place: ask from elsewhere"
        )
    for one in answer["dependencies"]:
        for fault in one["vulns"]:
            names = (fault["id"], *sorted(fault.get("aliases", ())))
            yield Advisory(one["name"], one["version"], names, ", ".join(fault["fix_versions"]))


def exemptions(path: Path = EXCEPTIONS) -> list[Exemption]:
    """Those on record. TypeError names what one of them lacks."""
    return [Exemption(**entry) for entry in tomllib.loads(path.read_text()).get("exception", [])]


def _exempted(advisory: Advisory) -> bool:
    today = datetime.now(UTC).date()
    return any(one.covers(advisory, today) for one in exemptions())


def _last_line(complaint: str) -> str:
    lines = [line for line in complaint.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


if __name__ == "__main__":
    sys.exit(main())
