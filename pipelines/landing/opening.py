"""Opening a bundle: a folder, a zip or a single CSV file into a `handover.Bundle`, with everything remarked.

A bad bundle never raises: it has findings that refuse it. What a row says is not looked at, but for whether a file
without a declared mode holds changes.
"""

import difflib
from collections.abc import Iterable
from pathlib import Path

from pipelines.errors import Refused
from pipelines.handover import Bundle
from pipelines.landing import archives, folders, peeking
from pipelines.landing.archives import Limits
from pipelines.landing.delivery import DeliveredFile, digest_of, fingerprint
from pipelines.landing.detection import likeness_of, looks_like
from pipelines.landing.manifest_reading import Manifest, read_manifest
from pipelines.landing.remarks import Remarks
from pipelines.landing.transcoding import transcoded
from pipelines.oneroster import manifest
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.manifest import Mode, Version
from pipelines.oneroster.registry import BY_NAME
from pipelines.oneroster.v1p0 import old_columns

AUTO, JAPAN = "auto", "japan"  # profiles; any other name is the plain standard
JAPANESE_COLUMN = "metadata.jp."
JAPANESE_VERSION = "1.2_JP"
SUFFIX = ".csv"
MANIFEST = manifest.FILE_NAME.removesuffix(SUFFIX)


def open_bundle(
    path: Path,
    workspace: Path,
    limits: Limits | None = None,
    strict: bool = False,
    profile: str = AUTO,
    encoding: str = "utf-8",
) -> Bundle:
    """Open what arrived at `path`; zips are unpacked into `workspace`.

    `encoding` is what the source's settings say of its files; UTF-8 is read all the same.

    A single CSV file is a bundle of that file alone, told by its name or its columns. Raises Refused where nothing is.
    """
    if not path.exists():
        raise Refused(f"{path} does not exist; give the path of a folder, a zip or a CSV file")
    remarks = Remarks(path.name, strict)
    if path.is_file() and path.suffix.lower() == SUFFIX:
        return _open_single(path, remarks, profile)
    if path.is_dir():
        delivered = folders.collect(path, remarks)
    else:
        delivered = archives.unpack(path, workspace / "unpacked", limits or Limits(), remarks)
    delivered = transcoded(delivered, encoding, workspace)
    named = _named(delivered, remarks)
    said = _read_manifest(named, delivered, remarks)
    files, modes = _settle(named, said, remarks) if said.version else ({}, {})
    return Bundle(
        path=path,
        fingerprint=fingerprint(delivered) if delivered or path.is_dir() else digest_of(path),
        version=said.version or Version.V1P2,
        version_text=said.version_text,
        files=files,
        modes=modes,
        japan=_is_japanese(profile, said.version_text, files.values(), remarks),
        findings=tuple(remarks.findings),
        strict=strict,
    )


def _open_single(path: Path, remarks: Remarks, profile: str) -> Bundle:
    header = peeking.header(path)
    likeness = likeness_of(path.stem, header)
    files, modes, version = {}, {}, Version.V1P2
    if likeness is None:
        remarks.refusal("file_unrecognised")
    else:
        version = likeness.version
        files, modes = {likeness.entity.name: path}, {likeness.entity.name: _mode_by_rows(path)}
    return Bundle(
        path=path,
        fingerprint=digest_of(path),
        version=version,
        version_text=version.value,
        files=files,
        modes=modes,
        japan=_is_japanese(profile, "", files.values(), remarks),
        findings=tuple(remarks.findings),
        strict=remarks.strict,
    )


def _named(delivered: Iterable[DeliveredFile], remarks: Remarks) -> dict[str, Path]:
    """The files of the standard among those delivered, by entity name; the manifest under its own."""
    known = {name.lower() + SUFFIX: name for name in (MANIFEST, *BY_NAME)}
    named: dict[str, Path] = {}
    for file in delivered:
        name = known.get(file.name.lower())
        if name is None:
            remarks.deviation("file_unknown", file.name, likely=_likely(file.name))
        elif name in named:
            remarks.refusal("file_name_twice", file.name)
        else:
            named[name] = file.path
            if file.name != name + SUFFIX:
                remarks.deviation("file_name_case", file.name, expected=name + SUFFIX)
    return named


def _likely(name: str) -> str:
    close = difflib.get_close_matches(name, [known + SUFFIX for known in (MANIFEST, *BY_NAME)], n=1, cutoff=0.85)
    return f" Probably {close[0]} is meant." if close else ""


def _read_manifest(named: dict[str, Path], delivered: Iterable[DeliveredFile], remarks: Remarks) -> Manifest:
    if MANIFEST in named:
        return read_manifest(named[MANIFEST], remarks)
    tables = [file.path for file in delivered if file.path.suffix.lower() == SUFFIX]
    if delivered:  # where nothing could be taken, that was the fault
        headers = {path.stem.lower(): peeking.header(path) for path in tables}
        remarks.refusal("manifest_missing", looks=looks_like(headers))
    return Manifest()


def _settle(named: dict[str, Path], said: Manifest, remarks: Remarks) -> tuple[dict[str, Path], dict[str, Mode]]:
    """The files to read and the mode of every file of the bundle's version."""
    assert said.version is not None  # noqa: S101  without a version nothing is settled
    entities = {entity.name: entity for entity in said.version.entities}
    for name in named:
        if name != MANIFEST and name not in entities:
            remarks.deviation("file_not_in_version", name + SUFFIX, version=said.version.value)
    modes = {
        name: _settled(entity, named.get(name), said.modes.get(name), remarks) for name, entity in entities.items()
    }
    return {name: named[name] for name, mode in modes.items() if mode is not Mode.ABSENT and name in named}, modes


def _settled(entity: Entity, path: Path | None, declared: Mode | None, remarks: Remarks) -> Mode:
    """How a file is read, by what is declared and what is there (rulings, "Reading bundles")."""
    file = entity.name + SUFFIX
    if path is None:
        if declared in (Mode.BULK, Mode.DELTA):
            remarks.refusal("file_missing", file, mode=declared)
        return Mode.ABSENT
    if declared is Mode.ABSENT:
        remarks.deviation("file_declared_absent", file)
        return Mode.ABSENT
    if old := old_columns(peeking.header(path)):
        remarks.refusal("file_of_1_0", file, line=1, column=old[0], columns=", ".join(old))
    if not peeking.has_rows(path):
        if entity.core and declared is Mode.BULK:
            remarks.refusal("core_file_empty", file)
        else:
            remarks.deviation("file_empty", file)
        return Mode.ABSENT
    if declared is None:
        declared = _mode_by_rows(path)
        remarks.deviation("mode_from_data", file, mode=declared)
    return declared


def _mode_by_rows(path: Path) -> Mode:
    return Mode.DELTA if peeking.says_what_changed(path) else Mode.BULK


def _is_japanese(profile: str, version_text: str, files: Iterable[Path], remarks: Remarks) -> bool:
    """Whether the Japan profile holds: chosen, or told by the version or by a column that only it has."""
    japanese = profile == JAPAN or (
        profile == AUTO and (version_text == JAPANESE_VERSION or any(_has_japanese_column(path) for path in files))
    )
    if version_text in manifest.JAPANESE_SPELLINGS and not japanese:
        remarks.deviation("version_outside_japan", manifest.FILE_NAME, said=version_text)
    return japanese


def _has_japanese_column(path: Path) -> bool:
    return any(name.lower().startswith(JAPANESE_COLUMN) for name in peeking.header(path))
