"""Manifests as they should be, and one fault at a time."""

from pathlib import Path

import pytest

from pipelines.landing.manifest_reading import Manifest, read_manifest
from pipelines.landing.remarks import Remarks
from pipelines.oneroster import manifest
from pipelines.oneroster.manifest import Mode, Version
from tests.pipelines.landing.deliveries import manifest_rows, manifest_text

ROWS = manifest_rows(users=Mode.BULK, orgs=Mode.DELTA)


def _read(tmp_path: Path, text: str | bytes, strict: bool = False) -> tuple[Manifest, Remarks]:
    path, remarks = tmp_path / "manifest.csv", Remarks("bundle", strict)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_manifest(path, remarks), remarks


@pytest.mark.parametrize("version", list(Version))
def test_a_manifest_by_the_standard_has_no_remarks(tmp_path: Path, version: Version) -> None:
    rows = manifest_rows(version, users=Mode.BULK) | {"source.systemName": "SIS"}

    said, remarks = _read(tmp_path, manifest_text(rows), strict=True)

    assert said.version is version
    assert said.modes == {entity.name: Mode.ABSENT for entity in version.entities} | {"users": Mode.BULK}
    assert not remarks.findings


def test_a_byte_order_mark_crlf_and_quotes_are_no_deviation(tmp_path: Path) -> None:
    lines = [f'"{name}","{value}"' for name, value in [manifest.HEADER, *ROWS.items()]]

    said, remarks = _read(tmp_path, b"\xef\xbb\xbf" + "\r\n".join(lines).encode(), strict=True)

    assert said.modes["users"] is Mode.BULK
    assert not remarks.findings


@pytest.mark.parametrize("spelling", manifest.SPELLINGS)
def test_accepted_spellings_of_the_version(tmp_path: Path, spelling: str) -> None:
    version = manifest.SPELLINGS[spelling]

    said, _ = _read(tmp_path, manifest_text(manifest_rows(version) | {manifest.ONEROSTER_VERSION: spelling}))

    assert (said.version, said.version_text) == (version, spelling)


def _without(*names: str) -> dict[str, str]:
    return {name: value for name, value in ROWS.items() if name not in names}


REFUSED: dict[str, tuple[str, str | bytes]] = {
    "no version": ("version_missing", manifest_text(_without(manifest.ONEROSTER_VERSION))),
    "blank version": ("version_missing", manifest_text(ROWS | {manifest.ONEROSTER_VERSION: ""})),
    "unknown version": ("version_unknown", manifest_text(ROWS | {manifest.ONEROSTER_VERSION: "1.3"})),
    "unknown mode": ("mode_unknown", manifest_text(ROWS | {"file.users": "full"})),
    "contradiction": ("property_contradictory", manifest_text(ROWS) + "file.users,absent\n"),
    "header only": ("manifest_empty", manifest_text({})),
    "nothing": ("manifest_empty", ""),
    "one column": ("manifest_shape", "propertyName\nmanifest.version\n"),
    "one cell in a row": ("manifest_shape", manifest_text(ROWS) + "file.more\n"),
    "UTF-16": ("manifest_not_utf8", manifest_text(ROWS).encode("utf-16")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_one_fault_refuses_and_is_named(tmp_path: Path, case: str) -> None:
    code, text = REFUSED[case]

    _, remarks = _read(tmp_path, text)

    assert [found.code for found in remarks.findings if found.rejects_bundle] == [code]


def test_an_unknown_version_is_answered_by_the_accepted_ones(tmp_path: Path) -> None:
    _, remarks = _read(tmp_path, REFUSED["unknown version"][1])

    assert "1.3" in remarks.findings[0].message
    assert all(spelling in remarks.findings[0].message for spelling in manifest.SPELLINGS)


DEVIATIONS: dict[str, tuple[str, str]] = {
    "other manifest version": ("manifest_version", manifest_text(ROWS | {manifest.MANIFEST_VERSION: "1.1"})),
    "no manifest version": ("properties_missing", manifest_text(_without(manifest.MANIFEST_VERSION))),
    "fewer files": ("properties_missing", manifest_text(_without("file.results"))),
    "misspelt file": ("property_misspelt", manifest_text(_without("file.roles") | {"fiel.roles": "absent"})),
    "unknown property": ("property_unknown", manifest_text(ROWS | {"file.lunches": "absent"})),
    "property in another case": ("property_case", manifest_text(_without("file.roles") | {"file.Roles": "absent"})),
    "blank mode": ("mode_blank", manifest_text(ROWS | {"file.roles": ""})),
    "mode in another case": ("mode_case", manifest_text(ROWS | {"file.roles": "Absent"})),
    "same row twice": ("property_repeated", manifest_text(ROWS) + "file.users,bulk\n"),
    "other header": ("manifest_header", manifest_text(ROWS, header=("name", "setting"))),
    "no header": ("manifest_header", manifest_text(ROWS).partition("\n")[2]),
    "spaces": ("manifest_spaces", manifest_text(_without("file.roles") | {" file.roles": "absent "})),
    "more cells": ("manifest_surplus", manifest_text(ROWS | {"source.systemName": "Example, Inc"})),
}


@pytest.mark.parametrize("case", DEVIATIONS)
def test_a_deviation_is_read_with_a_warning_and_refused_in_strict(tmp_path: Path, case: str) -> None:
    code, text = DEVIATIONS[case]

    said, remarks = _read(tmp_path, text)

    assert said.version is Version.V1P2
    assert (said.modes["users"], said.modes["orgs"]) == (Mode.BULK, Mode.DELTA)
    assert [found.code for found in remarks.findings] == [code]
    assert not remarks.refused
    assert _read(tmp_path, text, strict=True)[1].refused


def test_a_misspelt_property_is_answered_by_the_likely_one(tmp_path: Path) -> None:
    _, remarks = _read(tmp_path, DEVIATIONS["misspelt file"][1])

    assert "file.roles" in remarks.findings[0].message
    assert remarks.findings[0].line is not None


def test_properties_of_1_2_are_unknown_in_1_1(tmp_path: Path) -> None:
    said, remarks = _read(tmp_path, manifest_text(manifest_rows(Version.V1P1) | {"file.roles": "bulk"}))

    assert "roles" not in said.modes
    assert [found.code for found in remarks.findings] == ["property_unknown"]
