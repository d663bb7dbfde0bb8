"""What a run found: samples by measure, their medians, and the run as JSON and back. Plain values only."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipelines.errors import SettingsError
from tests.benchmarks.catalogue import BY_KEY


@dataclass
class Found:
    """Samples of one measure, in its unit, and medians of what was seen beside them (`p95 ms`, `stage writing s`)."""

    samples: list[float] = field(default_factory=list)
    beside: dict[str, list[float]] = field(default_factory=dict)

    def add(self, sample: float, beside: Mapping[str, float] | None = None) -> None:
        """One more sample."""
        self.samples.append(sample)
        for name, value in (beside or {}).items():
            self.beside.setdefault(name, []).append(value)

    @property
    def median(self) -> float:
        return statistics.median(self.samples)


@dataclass
class Run:
    """One run of the benchmarks. `bundle`: rows by file, and `bytes` altogether."""

    mode: str
    students: int
    machine: dict[str, Any]
    bundle: dict[str, int] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)

    def add(self, key: str, sample: float, **beside: float) -> None:
        """One more sample of a measure of the catalogue (KeyError for another)."""
        self.found.setdefault(BY_KEY[key].key, Found()).add(sample, beside)

    def median(self, key: str) -> float | None:
        """The measure's median, or what is quoted for it; None if it was not measured."""
        return self.found[key].median if key in self.found else BY_KEY[key].quoted

    def as_plain(self) -> dict[str, Any]:
        """As bench.json has it: medians beside the samples, for readers."""
        plain = asdict(self)
        for key, found in self.found.items():
            plain["found"][key] |= {"title": BY_KEY[key].title, "unit": BY_KEY[key].unit, "median": found.median}
        return plain

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Run":
        """The inverse of `as_plain`."""
        found = {key: Found(one["samples"], one["beside"]) for key, one in plain["found"].items() if key in BY_KEY}
        return cls(plain["mode"], plain["students"], plain["machine"], plain["bundle"], found)


def write(run: Run, path: Path) -> None:
    """The run as a file of JSON."""
    path.write_text(json.dumps(run.as_plain(), indent=2) + "\n")


def read(path: Path) -> Run:
    """A run that was written before. Raises SettingsError where there is none."""
    try:
        return Run.from_plain(json.loads(path.read_text()))
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} is not there or not written by the benchmarks: run `make bench` first") from error


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least that share of the values does not exceed.

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5), percentile([4.0, 1.0, 3.0, 2.0], 0.95)
    (2.0, 4.0)
    """
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
