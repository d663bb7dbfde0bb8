"""Findings, changes and judgements in Dagster's words: tables, numbers that it plots, results of checks.

Values of cells never come here: findings are masked before anything is made of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

import dagster as dg

from pipelines.findings import Finding, Severity
from pipelines.handover import Change

SHOWN = 100  # rows of a table of findings; the findings are already grouped by rule

_FINDING_COLUMNS = {"severity": "string", "code": "string", "file": "string", "line": "int", "column": "string"}
_FINDING_COLUMNS |= {"count": "int", "message": "string", "remedy": "string"}

Metadata = dict[str, dg.MetadataValue]


def findings_table(findings: Sequence[Finding]) -> dg.MetadataValue:
    """The first findings, errors first, without values."""
    order = list(Severity)
    worst_first = sorted(findings, key=lambda found: order.index(found.severity))
    records = [_record(found.masked()) for found in worst_first[:SHOWN]]
    return dg.MetadataValue.table(records, schema=_table_schema(_FINDING_COLUMNS))


def _record(found: Finding) -> dg.TableRecord:
    plain = {**found.as_dict(), "severity": found.severity.value}
    return dg.TableRecord({name: plain[name] for name in _FINDING_COLUMNS})


def _table_schema(columns: Mapping[str, str]) -> dg.TableSchema:
    return dg.TableSchema(columns=[dg.TableColumn(name, kind) for name, kind in columns.items()])


def changes_table(changes: Mapping[str, Change]) -> dg.MetadataValue:
    """What a publication changes, or would change, by entity."""
    records = [dg.TableRecord({"entity": name, **asdict(change)}) for name, change in changes.items()]
    columns = {"entity": "string", **dict.fromkeys(asdict(Change()), "int")}
    return dg.MetadataValue.table(records, schema=_table_schema(columns))


def occurrences(findings: Iterable[Finding], severity: Severity) -> int:
    """How many faults of that severity the findings stand for."""
    return sum(found.count for found in findings if found.severity is severity)


def worst(findings: Iterable[Finding]) -> dg.AssetCheckSeverity:
    """ERROR where rows or the bundle are refused, WARN where they were read all the same."""
    severe = any(found.severity is Severity.ERROR for found in findings)
    return dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN


def check_result(key: dg.AssetKey, name: str, findings: Sequence[Finding]) -> dg.AssetCheckResult:
    """Passed if nothing but information was found."""
    faults = [found for found in findings if found.severity is not Severity.INFO]
    counts = {level.value: occurrences(faults, level) for level in (Severity.ERROR, Severity.WARNING)}
    codes = sorted({found.code for found in faults})
    metadata: Metadata = {f"{level}s": dg.MetadataValue.int(count) for level, count in counts.items()}
    if faults:
        metadata |= {"codes": dg.MetadataValue.text(", ".join(codes)), "findings": findings_table(faults)}
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=not faults,
        severity=worst(faults),
        metadata=metadata,
        description=None if not faults else f"{counts['error']} errors, {counts['warning']} warnings",
    )
