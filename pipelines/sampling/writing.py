"""Writing a sample into a folder or a zip, slice by slice.

It is made beside its place and moved there at the end, so that whoever watches the place never sees half a bundle.
"""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Literal

import polars as pl

from pipelines.errors import Refused
from pipelines.oneroster import manifest
from pipelines.oneroster.entity import Entity
from pipelines.sampling.parts import Part
from pipelines.sampling.sample import Sample, known_columns

ZIP_TIME = (2026, 1, 1, 0, 0, 0)  # so that the same sample is the same zip
ZIP_LEVEL = 1
UNFINISHED = ".part"

Progress = Callable[[str, int], None]  # a file's name, and how many of its rows are written by now
OpenFile = Callable[[str], AbstractContextManager[IO[bytes]]]


def write(sample: Sample, target: Path, progress: Progress = lambda name, rows: None) -> dict[str, int]:
    """Write a sample to a folder, or to a zip if the name ends so; the rows by file, in load order.

    Raises Refused where something is already there.
    """
    _judge(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + UNFINISHED)
    _remove(unfinished)
    try:
        with (_zip if target.suffix.lower() == ".zip" else _folder)(unfinished) as open_file:
            rows = _write_files(sample, open_file, progress)
        unfinished.replace(target)
    finally:
        _remove(unfinished)
    return rows


def _judge(target: Path) -> None:
    if target.is_dir() and not any(target.iterdir()):
        return
    if target.exists():
        raise Refused(f"{target} is already there, and would be lost: name another place, or remove it first")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _folder(folder: Path) -> Iterator[OpenFile]:
    folder.mkdir()
    yield lambda name: (folder / name).open("wb")


@contextmanager
def _zip(path: Path) -> Iterator[OpenFile]:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=ZIP_LEVEL) as archive:
        yield lambda name: archive.open(_entry(name), "w", force_zip64=True)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ZIP_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _write_files(sample: Sample, open_file: OpenFile, progress: Progress) -> dict[str, int]:
    form = CsvForm(sample)
    rows = {}
    for entity, parts in sample.parts().items():
        with open_file(f"{entity.name}.csv") as file:
            rows[entity.name] = _write_file(entity, parts, sample.header(entity), form, file, progress)
    with open_file(manifest.FILE_NAME) as file:
        said = sample.manifest()
        file.write(form.cells(pl.DataFrame({"name": list(said), "value": list(said.values())}), manifest.HEADER))
    return rows


def _write_file(
    entity: Entity, parts: list[Part], header: tuple[str, ...], form: "CsvForm", file: IO[bytes], progress: Progress
) -> int:
    known, written = known_columns(entity), 0
    file.write(form.cells(pl.DataFrame(schema=dict.fromkeys(header, pl.String)), header))
    for part in parts:
        for rows in part.slices():
            if unknown := set(rows.columns) - known:
                raise ValueError(f"{entity.name} has no column {sorted(unknown)}")
            file.write(form.cells(rows.select(_cell(name, rows) for name in header)))
            written += rows.height
            progress(entity.name, written)
    return written


def _cell(name: str, rows: pl.DataFrame) -> pl.Expr:
    """The text of a column; blank where the rows have none, or an empty one."""
    if name not in rows.columns:
        return pl.lit(None, pl.String).alias(name)
    return pl.when(pl.col(name) != "").then(name)


class CsvForm:
    """How a sample's files are written: quoted or not, and how lines end."""

    def __init__(self, sample: Sample):
        flavour = sample.district.flavour
        self._quotes: Literal["always", "necessary"] = "always" if flavour.quoted else "necessary"
        self._line_end = flavour.line_end

    def cells(self, rows: pl.DataFrame, header: tuple[str, ...] = ()) -> bytes:
        """The rows as CSV, below a header if one is given."""
        named = rows.rename(dict(zip(rows.columns, header, strict=True))) if header else rows
        buffer = io.BytesIO()
        named.write_csv(buffer, include_header=bool(header), quote_style=self._quotes, line_terminator=self._line_end)
        return buffer.getvalue()
