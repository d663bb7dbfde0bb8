"""The bundles that are loaded: a made-up district, the same with some of its rows changed, and a delta.

The district and its delta are what `rosterhub sample` writes.
"""

import shutil
from pathlib import Path

import polars as pl

from pipelines.oneroster.entity import Column, Entity, Kind
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import ENTITIES
from pipelines.sampling.district import District
from pipelines.sampling.sample import FLAVOURS, Sample
from pipelines.sampling.writing import write

FEW = 1000  # one row in so many is changed
MANY = 10
REVISED = {Kind.TEXT: "revised", Kind.DATE: "2027-05-31"}  # values that no row of the sample has there


def write_bulk(folder: Path, students: int) -> dict[str, int]:
    """The district; rows by file."""
    return write(Sample(District(students, FLAVOURS["us"])), folder)


def write_delta(folder: Path, students: int) -> dict[str, int]:
    """Its delta: 1 % of the pupils changed, 0.2 % new, 0.2 % gone, with their roles, demographics and enrollments."""
    return write(Sample(District(students, FLAVOURS["us"]), mode=Mode.DELTA), folder)


def write_changed(bulk: Path, folder: Path, one_in: int = FEW) -> int:
    """The district with a cell of one row in so many changed; how many rows that is."""
    folder.mkdir()
    shutil.copy(bulk / "manifest.csv", folder)
    files = {entity: bulk / f"{entity.name}.csv" for entity in ENTITIES}
    return sum(_change(entity, file, folder / file.name, one_in) for entity, file in files.items() if file.exists())


def _change(entity: Entity, file: Path, target: Path, one_in: int) -> int:
    column = changeable(entity)
    if column is None:
        shutil.copy(file, target)
        return 0
    rows = pl.read_csv(file, infer_schema=False)
    chosen = pl.int_range(pl.len()) % one_in == one_in // 2
    revised = pl.when(chosen).then(pl.lit(REVISED[column.kind])).otherwise(column.name).alias(column.name)
    rows.with_columns(revised).write_csv(target)
    return rows.select(chosen.sum()).item()


def changeable(entity: Entity) -> Column | None:
    """The last optional column that REST shows and whose value no other depends on; None if the file has none."""
    columns = [one for one in entity.content if one.kind in REVISED and one.json and not one.required]
    return columns[-1] if columns else None
