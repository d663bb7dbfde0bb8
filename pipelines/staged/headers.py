"""The header of one file against its declaration: which position holds which column, and what is wrong with it."""

from collections import Counter
from dataclasses import dataclass, field

from pipelines.oneroster.entity import LIFECYCLE_NAMES, Entity
from pipelines.oneroster.manifest import Mode, Version
from pipelines.oneroster.v1p0 import old_columns
from pipelines.staged.reporting import Report

METADATA_PREFIX = "metadata."


@dataclass
class HeaderReading:
    """Positions of the declared columns by name, and of `metadata.*` columns by their key."""

    columns: dict[str, int] = field(default_factory=dict)
    metadata: dict[str, int] = field(default_factory=dict)


def read_columns(
    entity: Entity, header: tuple[str, ...], mode: Mode, version: Version, report: Report
) -> HeaderReading:
    """Find the declared columns in a header; what is missing, doubled or unknown becomes a finding."""
    reading = HeaderReading()
    declared = {name.lower(): name for name in entity.header}
    for index, sent in enumerate(header):
        _place(reading, declared, sent.strip(), index, report)
    _judge_spelling(entity, header, report)
    _judge_doubles(header, report)
    _judge_missing(entity, reading, mode, version, header, report)
    _judge_order(entity, header, reading, report)
    return reading


def _place(reading: HeaderReading, declared: dict[str, str], name: str, index: int, report: Report) -> None:
    if name.lower() in declared:
        reading.columns.setdefault(declared[name.lower()], index)
    elif name.startswith(METADATA_PREFIX) and len(name) > len(METADATA_PREFIX):
        reading.metadata.setdefault(name.removeprefix(METADATA_PREFIX), index)
    elif not name:
        report.deviation("header_nameless", line=1, position=index + 1)
    else:
        report.deviation("column_unknown", line=1, column=name)


def _judge_spelling(entity: Entity, header: tuple[str, ...], report: Report) -> None:
    declared = {name.lower(): name for name in entity.header}
    for sent in header:
        name = sent.strip()
        if name != sent and name:
            report.deviation("header_spaces", line=1, column=name)
        expected = declared.get(name.lower())
        if expected and expected != name:
            report.deviation("header_case", line=1, column=name, expected=expected)


def _judge_doubles(header: tuple[str, ...], report: Report) -> None:
    counts = Counter(name.strip().lower() for name in header if name.strip())
    for name, count in counts.items():
        if count > 1:
            sent = next(cell.strip() for cell in header if cell.strip().lower() == name)
            report.refusal("header_duplicate", line=1, column=sent, times=count)


def _judge_missing(
    entity: Entity, reading: HeaderReading, mode: Mode, version: Version, header: tuple[str, ...], report: Report
) -> None:
    missing = [column for column in entity.columns if column.name not in reading.columns]
    required = [column.name for column in missing if column.required]
    lifecycle = [column.name for column in missing if column.name in LIFECYCLE_NAMES[1:]]
    if required:
        looks = looks_like(entity, header, version)
        report.refusal("column_missing", line=1, column=required[0], columns=", ".join(required), looks=looks)
    if lifecycle and mode is Mode.DELTA:
        report.refusal("lifecycle_missing_in_delta", line=1, column=lifecycle[0], columns=", ".join(lifecycle))
    elif lifecycle:
        report.deviation("lifecycle_missing", line=1, column=lifecycle[0], columns=", ".join(lifecycle))
    optional = [column.name for column in missing if not column.required and column.name not in LIFECYCLE_NAMES]
    if optional and not _is_variant(entity, set(optional)):
        report.deviation("column_absent", line=1, column=optional[0], columns=", ".join(optional))


def _is_variant(entity: Entity, missing: set[str]) -> bool:
    """Whether exactly these columns are missing in a header that some version of the standard has."""
    return any(set(entity.header) - set(header) == missing for header in entity.headers)


def _judge_order(entity: Entity, header: tuple[str, ...], reading: HeaderReading, report: Report) -> None:
    """Declared columns in the standard's order, extension columns after the last of them."""
    order = sorted(reading.columns, key=lambda name: reading.columns[name])
    expected = [name for name in entity.header if name in reading.columns]
    last_declared = max(reading.columns.values(), default=-1)
    if order != expected or any(index < last_declared for index in reading.metadata.values()):
        report.deviation("header_order", line=1)


def looks_like(entity: Entity, header: tuple[str, ...], claimed: Version) -> str:
    """A clause for the message: which version this header looks like, where that is another than claimed."""
    names = {name.strip().lower() for name in header}
    for other in Version:
        candidate = next((one for one in other.entities if one.name == entity.name), None)
        required = {column.name.lower() for column in candidate.columns if column.required} if candidate else {"-"}
        if other is not claimed and required <= names:
            return f" The header looks like OneRoster {other.value}, while the manifest says {claimed.value}."
    if old_columns(header):
        return " The header looks like OneRoster 1.0, which is not supported: export version 1.1 or 1.2."
    return ""
