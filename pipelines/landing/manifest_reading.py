"""manifest.csv into version and modes, every oddity remarked (facts: `oneroster.manifest`; rulings: "Manifest").

Whether the files are there that it declares is judged in `opening`.
"""

import csv
import difflib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pipelines.landing.remarks import Remarks
from pipelines.oneroster import manifest
from pipelines.oneroster.manifest import FILE_NAME, FILE_PREFIX, Mode, Version

BYTES_READ = 1 << 20  # a manifest has some 1000
COLUMNS = len(manifest.HEADER)
LIKE_ENOUGH = 0.8

_ALL_PROPERTIES = {
    name.lower(): name
    for name in (
        manifest.MANIFEST_VERSION,
        manifest.ONEROSTER_VERSION,
        *manifest.SYSTEM_PROPERTIES,
        *(name for version in Version for name in manifest.file_properties(version)),
    )
}


@dataclass(frozen=True)
class Manifest:
    """What a manifest says. `version` is None where it says none that is supported: then nothing else is known."""

    version: Version | None = None
    version_text: str = ""
    modes: dict[str, Mode] = field(default_factory=dict)  # by entity; those without a usable mode are missing


_Record = tuple[int, list[str]]  # line, cells


class _Row(NamedTuple):
    line: int
    name: str
    value: str


def read_manifest(path: Path, remarks: Remarks) -> Manifest:
    """Read a manifest; what cannot be read is a refusal among the remarks."""
    text = _text(path, remarks)
    rows = [] if text is None else _rows(text, remarks)
    if not rows:
        return Manifest()
    properties = _without_repetitions([_named(row, remarks) for row in rows], remarks)
    version = _version(properties, remarks)
    if version is None:
        return Manifest()
    _judge_manifest_version(properties, remarks)
    _judge_names(properties, version, remarks)
    modes = {name: mode for name in properties if (mode := _mode(properties[name], version, remarks))}
    by_entity = {name.removeprefix(FILE_PREFIX): mode for name, mode in modes.items()}
    return Manifest(version, properties[manifest.ONEROSTER_VERSION].value, by_entity)


def _text(path: Path, remarks: Remarks) -> str | None:
    with path.open("rb") as file:
        raw = file.read(BYTES_READ)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        remarks.refusal("manifest_not_utf8", FILE_NAME, offset=error.start)
        return None


def _rows(text: str, remarks: Remarks) -> list[_Row]:
    """The rows below the header, trimmed; [] with a refusal where there are none or they have no two columns."""
    records = list(_records(text))
    for line, cells in records:
        if len(cells) < COLUMNS:
            remarks.refusal("manifest_shape", FILE_NAME, line=line)
            return []
    body = _below_header(records, remarks)
    if not body:
        remarks.refusal("manifest_empty", FILE_NAME)
    return [_row(line, cells, remarks) for line, cells in body]


def _records(text: str) -> Iterator[_Record]:
    """The rows that are not blank, with their lines; one that cannot be told into cells has none."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error:
        yield reader.line_num, []


def _below_header(records: list[_Record], remarks: Remarks) -> list[_Record]:
    """Without the header, of which only the place counts; a manifest that has none starts with a property."""
    first = records[0][1] if records else list(manifest.HEADER)
    headless = first[0].strip().lower() in _ALL_PROPERTIES
    if headless or tuple(first) != manifest.HEADER:
        remarks.deviation("manifest_header", FILE_NAME, line=1, said="by nothing" if headless else ",".join(first))
    return records if headless else records[1:]


def _row(line: int, cells: list[str], remarks: Remarks) -> _Row:
    name, value = (cell.strip() for cell in cells[:COLUMNS])
    if [name, value] != cells[:COLUMNS]:
        remarks.deviation("manifest_spaces", FILE_NAME, line=line, property=name)
    if len(cells) > COLUMNS:
        remarks.deviation("manifest_surplus", FILE_NAME, line=line)
    return _Row(line, name, value)


def _named(row: _Row, remarks: Remarks) -> _Row:
    """The row with its property spelt as in the standard, where it differs only in case."""
    name = _ALL_PROPERTIES.get(row.name.lower(), row.name)
    if name != row.name:
        remarks.deviation("property_case", FILE_NAME, line=row.line, property=row.name, likely=name)
    return row._replace(name=name)


def _without_repetitions(rows: list[_Row], remarks: Remarks) -> dict[str, _Row]:
    properties: dict[str, _Row] = {}
    for row in rows:
        first = properties.setdefault(row.name, row)
        if first.value != row.value:
            remarks.refusal("property_contradictory", FILE_NAME, line=row.line, property=row.name)
        elif first is not row:
            remarks.deviation("property_repeated", FILE_NAME, line=row.line, property=row.name)
    return properties


def _version(properties: dict[str, _Row], remarks: Remarks) -> Version | None:
    row = properties.get(manifest.ONEROSTER_VERSION)
    if row is None or not row.value:
        remarks.refusal("version_missing", FILE_NAME, line=row.line if row else None)
        return None
    if row.value not in manifest.SPELLINGS:
        accepted = ", ".join(manifest.SPELLINGS)
        remarks.refusal("version_unknown", FILE_NAME, line=row.line, said=row.value, accepted=accepted)
    return manifest.SPELLINGS.get(row.value)


def _judge_manifest_version(properties: dict[str, _Row], remarks: Remarks) -> None:
    row = properties.get(manifest.MANIFEST_VERSION)
    if row is not None and row.value != manifest.MANIFEST_VERSION_VALUE:
        said = row.value or "blank"
        remarks.deviation("manifest_version", FILE_NAME, line=row.line, said=said)


def _judge_names(properties: dict[str, _Row], version: Version, remarks: Remarks) -> None:
    """Properties that the version does not have, the likely misspelt ones told apart, and those that are missing."""
    required = (manifest.MANIFEST_VERSION, manifest.ONEROSTER_VERSION, *manifest.file_properties(version))
    missing = [name for name in required if name not in properties]
    for name, row in properties.items():
        if name in required or name in manifest.SYSTEM_PROPERTIES:
            continue
        likely = difflib.get_close_matches(name, missing, n=1, cutoff=LIKE_ENOUGH)
        if likely and name.lower() not in _ALL_PROPERTIES:
            remarks.deviation("property_misspelt", FILE_NAME, line=row.line, property=name, likely=likely[0])
            missing.remove(likely[0])
        else:
            remarks.deviation("property_unknown", FILE_NAME, line=row.line, property=name, version=version.value)
    if missing:
        remarks.deviation("properties_missing", FILE_NAME, properties=", ".join(missing))


def _mode(row: _Row, version: Version, remarks: Remarks) -> Mode | None:
    """The mode that a `file.*` row declares; None for other rows, and where it is blank or unknown."""
    if row.name not in manifest.file_properties(version):
        return None
    if row.value.lower() in set(Mode):
        mode = Mode(row.value.lower())
        if mode != row.value:
            remarks.deviation("mode_case", FILE_NAME, line=row.line, property=row.name, said=row.value, mode=mode)
        return mode
    if row.value:
        remarks.refusal("mode_unknown", FILE_NAME, line=row.line, property=row.name, said=row.value)
    else:
        remarks.deviation("mode_blank", FILE_NAME, line=row.line, property=row.name)
    return None
