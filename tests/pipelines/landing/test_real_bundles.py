"""Other people's bundles, as far as landing alone decides about them."""

from pathlib import Path

import pytest

from pipelines.handover import Bundle
from pipelines.landing.opening import open_bundle
from tests import shared

# Files that are read, and what is remarked in tolerant reading.
READ = {
    "loads/valid-02-rostering-bulk.zip": (9, []),
    "loads/valid-04-gradebook-bulk.zip": (17, []),
    "loads/valid-08-full-bulk.zip": (21, []),
    "loads/japan-v1p2-small.zip": (8, []),
    "warns/classlink-sandbox-v1p1.zip": (6, ["file_empty"]),
    "warns/district-small-v1p1": (7, []),
    "warns/edfi-lms-toolkit-v1p1": (7, ["manifest_version"]),
    "warns/school-small-v1p1.zip": (7, []),
    "warns/university-ja-v1p1.zip": (6, ["property_misspelt"]),
    "strict/negative-03-unknown-zip-entry.zip": (0, ["file_unknown"]),
    "strict/negative-05-manifest-marks-present-file-absent.zip": (0, ["file_declared_absent"]),
}

# What some finding's message must say.
REFUSED = {
    "rejects/header-only-template": "users.csv is declared bulk",
    "rejects/no-manifest": "OneRoster 1.1",
    "rejects/sds-v2p1": "Microsoft School Data Sync (SDS) v2.1",
    "rejects/v1p0-shaped": "OneRoster 1.0",
    "strict/negative-01-missing-manifest.zip": "without any file",
}


def _open(name: str, tmp_path: Path, strict: bool = False) -> Bundle:
    return open_bundle(shared.bundle(name), tmp_path, strict=strict)


@pytest.mark.parametrize("name", READ)
def test_it_is_read(name: str, tmp_path: Path) -> None:
    files, codes = READ[name]

    bundle = _open(name, tmp_path)

    assert len(bundle.files) == files
    assert [found.code for found in bundle.findings] == codes
    assert not bundle.refused
    assert _open(name, tmp_path, strict=True).refused is bool(codes)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_and_told_why(name: str, tmp_path: Path) -> None:
    for strict in (False, True):
        bundle = _open(name, tmp_path, strict)

        assert bundle.refused
        assert any(REFUSED[name] in found.message for found in bundle.findings)


def test_only_the_japanese_bundle_is_japanese(tmp_path: Path) -> None:
    assert {name for name in READ if _open(name, tmp_path / name).japan} == {"loads/japan-v1p2-small.zip"}


@pytest.mark.parametrize(("part", "entity"), [("classroom", "classes"), ("course", "courses"), ("user", "users")])
def test_single_files_are_told_by_their_columns(part: str, entity: str, tmp_path: Path) -> None:
    for path in shared.bundle("japan-rows").glob(f"*__{part}_*.csv"):
        assert set(open_bundle(path, tmp_path).files) == {entity}
