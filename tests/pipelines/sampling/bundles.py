"""Samples for the tests of sampling, and their files as rows."""

import csv
from pathlib import Path

from pipelines.oneroster.manifest import Mode, Version
from pipelines.sampling.district import District
from pipelines.sampling.sample import FLAVOURS, Sample

Rows = list[dict[str, str]]


def sample(students: int, flavour: str = "us", seed: int = 1, **options: Version | Mode | bool) -> Sample:
    return Sample(District(students, FLAVOURS[flavour], seed), **options)


def rows(folder: Path, name: str) -> Rows:
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ids(folder: Path, name: str) -> list[str]:
    return [row["sourcedId"] for row in rows(folder, name)]
