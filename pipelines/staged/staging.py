"""Staging: each file of a bundle into accepted rows, rejected rows and findings (see `pipelines.handover`).

Streaming: a file is parsed once into a typed parquet file; what follows reads only the columns it needs.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from pipelines.findings import EXAMPLES, example_counts
from pipelines.frames import REJECTED_SCHEMA, accepted_schema
from pipelines.handover import Bundle, StagedBundle, StagedFile
from pipelines.oneroster.entity import LIFECYCLE_NAMES, Entity
from pipelines.oneroster.manifest import Mode, Version
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.progress import Progress
from pipelines.staged import identity, japan_rules, upgrading
from pipelines.staged.cells import Effect, Fault
from pipelines.staged.headers import read_columns
from pipelines.staged.reading import MalformedQuotesError, NotUtf8Error, RawFile, position, read
from pipelines.staged.reporting import Report
from pipelines.staged.rows import TypedRows, typed_rows
from pipelines.staged.surveying import Survey, survey


def stage(bundle: Bundle, folder: Path, progress: Progress | None = None) -> StagedBundle:
    """Stage every file of the bundle into `folder` and write the summary there. Bad rows are findings, never errors.

    Two files at a time, the largest first: parts of the work on one file have a single thread.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def one(name: str) -> StagedFile | None:
        if progress:
            progress(name)
        return stage_file(bundle, name, folder)

    with ThreadPoolExecutor(2) as threads:
        waiting = {name: threads.submit(one, name) for name in _largest_first(bundle)}
    derived = [entity.name for entity in ENTITIES if entity.name not in waiting]
    staged = {name: future.result() for name, future in waiting.items()} | {name: one(name) for name in derived}
    found = {entity.name: file for entity in ENTITIES if (file := staged[entity.name])}
    return summarise(bundle, found, folder)


def _largest_first(bundle: Bundle) -> list[str]:
    """The files that are there; what is derived from one of them comes after it."""
    return sorted(bundle.files, key=lambda name: bundle.files[name].stat().st_size, reverse=True)


def summarise(bundle: Bundle, files: dict[str, StagedFile], folder: Path) -> StagedBundle:
    """The staged bundle of files that were staged one by one (Dagster), written to the folder's summary."""
    staged = StagedBundle(
        fingerprint=bundle.fingerprint,
        version=bundle.version,
        version_text=bundle.version_text,
        strict=bundle.strict,
        japan=bundle.japan,
        files=files,
        findings=bundle.findings,
    )
    staged.write(folder)
    return staged


def stage_file(bundle: Bundle, name: str, folder: Path) -> StagedFile | None:
    """Stage one file by its 1.2 entity name; None where the bundle has nothing for it.

    In a 1.1 bundle roles come out of users.csv, so staging either of them reads that file.
    """
    if bundle.version is Version.V1P1 and name == "roles":
        return _stage_derived_roles(bundle, folder)
    mode = bundle.mode(name)
    if mode is Mode.ABSENT or name not in bundle.files:
        return None
    entity = next(entity for entity in bundle.version.entities if entity.name == name)
    report = Report(f"{name}.csv", bundle.strict)
    typed_path = folder / f"{name}.typed.parquet"
    typed = _read_typed(bundle, entity, mode, report, typed_path, folder)
    if typed is None:
        return _refused(name, mode, report, folder)
    return _accept(bundle, entity, mode, typed, report, typed_path)


def _stage_derived_roles(bundle: Bundle, folder: Path) -> StagedFile | None:
    if bundle.mode("users") is Mode.ABSENT or "users" not in bundle.files:
        return None
    path = folder / upgrading.DERIVED_ROLES
    if not path.exists():
        stage_file(bundle, "users", folder)
    rows = pl.scan_parquet(path).select(pl.len()).collect().item() if path.exists() else 0
    rejected = folder / "roles.rejected.parquet"
    pl.DataFrame(schema=REJECTED_SCHEMA).write_parquet(rejected)
    if not path.exists():
        pl.DataFrame(schema=accepted_schema(BY_NAME["roles"])).write_parquet(path)
    return StagedFile("roles", bundle.mode("users"), path, rejected, rows, 0, 0, derived=True)


def _read_typed(
    bundle: Bundle, entity: Entity, mode: Mode, report: Report, target: Path, workspace: Path
) -> TypedRows | None:
    """Parse the file into a typed parquet file; None where the file cannot be read as a whole."""
    try:
        raw = read(bundle.files[entity.name], workspace)
    except NotUtf8Error as error:
        report.refusal("not_utf8", offset=error.facts.invalid_at, encoding=error.facts.likely_encoding)
        return None
    except MalformedQuotesError as error:
        report.refusal("quotes_malformed", line=error.line)
        return None
    reading = read_columns(entity, raw.header, mode, bundle.version, report)
    if report.refused and not bundle.strict:
        return None
    if any(name not in reading.columns for name in _needed(entity)):
        return None
    seen = survey(entity, raw, reading)
    _report_text(raw, seen, report)
    overlay = japan_rules.japan_faults(entity, reading) if bundle.japan else []
    if bundle.japan:
        japan_rules.report_file(entity, reading, mode, report)
    typed = typed_rows(entity, raw, reading, mode, seen, overlay)
    typed.frame.sink_parquet(target, compression="lz4", engine="streaming")
    _report_faults(bundle, typed, raw, report, target)
    return typed


def _needed(entity: Entity) -> tuple[str, ...]:
    return tuple(column.name for column in entity.columns if column.required)


def _report_text(raw: RawFile, seen: Survey, report: Report) -> None:
    if raw.facts.boms > 1:
        report.deviation("bom_doubled", line=1)
    if raw.facts.lone_returns:
        report.deviation("line_ends_cr", count=raw.facts.lone_returns)
    if seen.blank_rows:
        report.deviation("row_empty", count=seen.blank_rows)


def _report_faults(bundle: Bundle, typed: TypedRows, raw: RawFile, report: Report, path: Path) -> None:
    """A finding for every fault that occurred, the first examples one by one, the rest counted."""
    names = list(dict.fromkeys(fault.name for fault in typed.faults))
    counts = pl.scan_parquet(path).select(pl.col(names).sum()).collect(engine="streaming").row(0, named=True)
    for fault in typed.faults:
        count = counts[fault.name]
        if count:
            _report_fault(bundle, typed, raw, report, path, fault, count)


def _report_fault(
    bundle: Bundle, typed: TypedRows, raw: RawFile, report: Report, path: Path, fault: Fault, count: int
) -> None:
    once = fault.effect is Effect.NOTE
    lines = pl.scan_parquet(path).filter(pl.col(fault.name)).select("line").head(1 if once else EXAMPLES)
    shown = lines.collect()["line"].to_list()
    values = _cells_as_sent(typed, raw, fault.column, shown)
    for line, stands_for in zip(shown, example_counts(len(shown), count), strict=True):
        facts = {"line": line, "column": fault.column or None, "value": values.get(line), "count": stands_for}
        if fault.code in japan_rules.NEVER_FAIL or (bundle.japan and fault.code == "null_word"):
            report.note(fault.code, **facts)
        elif fault.effect is Effect.REJECT:
            report.row_error(fault.code, **facts)
        else:
            report.deviation(fault.code, **facts)


def _cells_as_sent(typed: TypedRows, raw: RawFile, column: str, lines: list[int]) -> dict[int, str]:
    if column not in typed.cells or column == "password":
        return {}
    cell = pl.col(position(typed.cells[column]))
    found = raw.rows.filter(pl.col("line").is_in(lines)).select("line", cell.alias("cell")).collect()
    return dict(found.iter_rows())


def _accept(bundle: Bundle, entity: Entity, mode: Mode, typed: TypedRows, report: Report, path: Path) -> StagedFile:
    """Split the typed rows into accepted and rejected, after the rules across rows."""
    rows = pl.scan_parquet(path)
    refused = _refusing(typed, strict=bundle.strict)
    rejected = (
        rows.filter(refused).select("line", "sourced_id", _codes(typed).alias("codes")).collect(engine="streaming")
    )
    accepted = rows.filter(~refused).select(typed.values)
    settled, rejected = identity.settle_duplicates(accepted, rejected, mode, report)
    if mode is Mode.DELTA and not rejected.is_empty() and _no_lifecycle_at_all(typed, path):
        report.refusal("delta_without_lifecycle")
    accepted_path, rejected_path = (path.parent / f"{entity.name}.{kind}.parquet" for kind in ("accepted", "rejected"))
    rejected.write_parquet(rejected_path)
    if rejected.is_empty() and settled is accepted and bundle.version is Version.V1P2:
        path.rename(accepted_path)  # every row as it was typed; the columns of faults do no harm
    else:
        if bundle.version is Version.V1P1:
            settled = upgrading.upgrade(entity, settled, path.parent)
        schema = accepted_schema(BY_NAME[entity.name])
        settled.select(*schema).sink_parquet(accepted_path, compression="lz4", engine="streaming")
        path.unlink()
    count = pl.scan_parquet(accepted_path).select(pl.len()).collect().item()
    return StagedFile(
        entity.name, mode, accepted_path, rejected_path, count, len(rejected), report.warnings, tuple(report.findings)
    )


def _refusing(typed: TypedRows, strict: bool) -> pl.Expr:
    """True for rows that are refused. A tombstone needs only its lifecycle columns; where cells have shifted, an
    unusable value is no longer optional."""
    lifecycle = [fault for fault in typed.faults if fault.column in LIFECYCLE_NAMES or not fault.column]
    other = [fault for fault in typed.faults if fault not in lifecycle]
    content = _any(fault for fault in other if fault.effect is Effect.REJECT)
    if not strict:
        content = content & (pl.col("status").fill_null("") != "tobedeleted")
    shifted = pl.col("surplus") & _any(fault for fault in typed.faults if fault.effect is Effect.DROP)
    return _any(fault for fault in lifecycle if fault.effect is Effect.REJECT) | content | shifted


def _any(faults: Iterable[Fault]) -> pl.Expr:
    names = list(dict.fromkeys(fault.name for fault in faults))
    return pl.any_horizontal(names) if names else pl.lit(False)


def _codes(typed: TypedRows) -> pl.Expr:
    codes = [
        pl.when(pl.col(fault.name)).then(pl.lit(fault.code))
        for fault in typed.faults
        if fault.effect is not Effect.NOTE
    ]
    return pl.concat_list(codes).list.drop_nulls().list.unique(maintain_order=True)


def _no_lifecycle_at_all(typed: TypedRows, path: Path) -> bool:
    """Whether every row of a delta lacks status or date: then it may be a bulk file, and must not delete by guess."""
    names = [fault.name for fault in typed.faults if fault.code == "delta_lifecycle_blank"]
    blank = pl.all_horizontal(names) if names else pl.lit(False)
    return bool(pl.scan_parquet(path).select(blank.all() & (pl.len() > 0)).collect(engine="streaming").item())


def _refused(name: str, mode: Mode, report: Report, folder: Path) -> StagedFile:
    """A file that could not be read as a whole: no rows either way, and findings that refuse the bundle."""
    accepted, rejected = folder / f"{name}.accepted.parquet", folder / f"{name}.rejected.parquet"
    pl.DataFrame(schema=accepted_schema(BY_NAME[name])).write_parquet(accepted)
    pl.DataFrame(schema=REJECTED_SCHEMA).write_parquet(rejected)
    return StagedFile(name, mode, accepted, rejected, 0, 0, report.warnings, tuple(report.findings))
