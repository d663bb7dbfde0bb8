"""Bundles opened: which files are read and as what, the fingerprint, the profile."""

from pathlib import Path

import pytest

from pipelines.errors import Refused
from pipelines.handover import Bundle
from pipelines.landing.opening import open_bundle
from pipelines.oneroster import manifest
from pipelines.oneroster.manifest import Mode, Version
from tests.pipelines.landing.deliveries import (
    ORGS,
    Contents,
    as_folder,
    as_zip,
    manifest_rows,
    manifest_text,
    small,
    table,
)

SENT = {"status": "active", "dateLastModified": "2026-01-01T00:00:00Z"}
CATEGORY = {"sourcedId": "c1", "title": "Homework"}


def _open(tmp_path: Path, contents: Contents, strict: bool = False, profile: str = "auto") -> Bundle:
    return open_bundle(as_folder(tmp_path / "bundle", contents), tmp_path / "work", strict=strict, profile=profile)


def _codes(bundle: Bundle) -> list[str]:
    return [found.code for found in bundle.findings]


def test_a_bundle_by_the_standard(tmp_path: Path) -> None:
    bundle = _open(tmp_path, small(), strict=True)

    assert not bundle.findings
    assert {name: path.read_text() for name, path in bundle.files.items()} == {"orgs": ORGS}
    assert bundle.mode("orgs") is Mode.BULK
    assert bundle.mode("users") is Mode.ABSENT
    assert (bundle.version, bundle.version_text, bundle.japan) == (Version.V1P2, "1.2", False)


def test_the_fingerprint_is_that_of_names_and_contents(tmp_path: Path) -> None:
    backwards = dict(reversed(small().items()))
    ways = [
        as_folder(tmp_path / "folder", small()),
        as_zip(tmp_path / "a.zip", small()),
        as_zip(tmp_path / "b.zip", backwards, compression=0),
        as_zip(tmp_path / "c.zip", {f"export/{name}": content for name, content in small().items()}),
        as_zip(tmp_path / "d.zip", small() | {".DS_Store": "x"}),
    ]
    assert len({open_bundle(path, tmp_path / path.stem).fingerprint for path in ways}) == 1

    other = as_zip(tmp_path / "e.zip", small() | {"orgs.csv": ORGS.replace("North", "South")})
    assert open_bundle(other, tmp_path / "e").fingerprint != open_bundle(ways[0], tmp_path).fingerprint


def test_a_path_without_anything_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="give the path"):
        open_bundle(tmp_path / "away.zip", tmp_path)


def test_an_archive_that_cannot_be_read_has_a_fingerprint_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip")
    (tmp_path / "b.zip").write_bytes(b"no zip either")
    bundles = [open_bundle(tmp_path / name, tmp_path / "work") for name in ("a.zip", "b.zip")]

    assert [_codes(bundle) for bundle in bundles] == [["zip_unreadable"], ["zip_unreadable"]]
    assert bundles[0].fingerprint != bundles[1].fingerprint


def _declared(**modes: Mode) -> dict[str, str | bytes]:
    return {**small(), "manifest.csv": manifest_text(manifest_rows(orgs=Mode.BULK, **modes))}


OLD_CLASSES = "sourcedId,status,dateLastModified,title,grade\nc1,,,Maths,09\n"

REFUSED: dict[str, tuple[str, Contents]] = {
    "no manifest": ("manifest_missing", {"orgs.csv": ORGS}),
    "declared bulk and not there": ("file_missing", _declared(users=Mode.BULK)),
    "declared delta and not there": ("file_missing", _declared(categories=Mode.DELTA)),
    "core file without rows": ("core_file_empty", _declared(users=Mode.BULK) | {"users.csv": table("users")}),
    "roles without rows": ("core_file_empty", _declared(roles=Mode.BULK) | {"roles.csv": table("roles")}),
    "core file without anything": ("core_file_empty", _declared(users=Mode.BULK) | {"users.csv": ""}),
    "columns of 1.0": ("file_of_1_0", _declared(classes=Mode.BULK) | {"classes.csv": OLD_CLASSES}),
    "two spellings of a name": ("file_name_twice", small() | {"ORGS.csv": ORGS}),
    "nothing": ("folder_empty", {}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_one_fault_refuses_and_is_named(tmp_path: Path, case: str) -> None:
    code, contents = REFUSED[case]

    bundle = _open(tmp_path, contents)

    assert [found.code for found in bundle.findings if found.rejects_bundle] == [code]


def test_a_refused_bundle_keeps_the_files_that_can_be_judged(tmp_path: Path) -> None:
    assert set(_open(tmp_path, _declared(users=Mode.BULK)).files) == {"orgs"}


def test_links_in_a_folder_are_refused(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "bundle", small())
    (folder / "users.csv").symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_text("")

    assert _codes(open_bundle(folder, tmp_path)) == ["link_inside"]


def test_folders_in_folders_are_refused(tmp_path: Path) -> None:
    as_folder(tmp_path / "bundle" / "export" / "deep", small())
    as_folder(tmp_path / "bundle" / "export", small())

    assert "folder_levels" in _codes(open_bundle(tmp_path / "bundle", tmp_path))


NO_KEY = {name: value for name, value in manifest_rows(orgs=Mode.BULK).items() if name != "file.categories"}
CATEGORIES = table("categories", CATEGORY)
CHANGES = table("categories", CATEGORY | SENT)
HALF = table("categories", CATEGORY | SENT, {"sourcedId": "c2", "title": "Tests"})


def _undeclared(categories: str) -> Contents:
    return {**small(), "manifest.csv": manifest_text(NO_KEY), "categories.csv": categories}


DEVIATIONS: dict[str, tuple[list[str], Contents, dict[str, Mode]]] = {
    "declared absent": (
        ["file_declared_absent"],
        _declared() | {"categories.csv": CATEGORIES},
        {"orgs": Mode.BULK},
    ),
    "unknown file": (["file_unknown"], small() | {"readme.txt": "x"}, {"orgs": Mode.BULK}),
    "name in another case": (
        ["file_name_case"],
        {"Manifest.CSV": small()["manifest.csv"], "orgs.csv": ORGS},
        {"orgs": Mode.BULK},
    ),
    "not declared, complete": (
        ["properties_missing", "mode_from_data"],
        _undeclared(CATEGORIES),
        {"orgs": Mode.BULK, "categories": Mode.BULK},
    ),
    "not declared, changes": (
        ["properties_missing", "mode_from_data"],
        _undeclared(CHANGES),
        {"orgs": Mode.BULK, "categories": Mode.DELTA},
    ),
    "not declared, half of it changes": (
        ["properties_missing", "mode_from_data"],
        _undeclared(HALF),
        {"orgs": Mode.BULK, "categories": Mode.BULK},
    ),
    "not declared, without rows": (
        ["properties_missing", "file_empty"],
        _undeclared(table("categories")),
        {"orgs": Mode.BULK},
    ),
    "no core file, without rows": (
        ["file_empty"],
        _declared(categories=Mode.BULK) | {"categories.csv": table("categories")},
        {"orgs": Mode.BULK},
    ),
    "core file without changes": (
        ["file_empty"],
        _declared(users=Mode.DELTA) | {"users.csv": table("users")},
        {"orgs": Mode.BULK},
    ),
    "1.2.1 outside Japan": (
        ["version_outside_japan"],
        small() | {"manifest.csv": manifest_text(manifest_rows(orgs=Mode.BULK) | {"oneroster.version": "1.2.1"})},
        {"orgs": Mode.BULK},
    ),
    "roles in 1.1": (
        ["file_not_in_version"],
        {
            "manifest.csv": manifest_text(manifest_rows(Version.V1P1, orgs=Mode.BULK)),
            "orgs.csv": ORGS,
            "roles.csv": table("roles", {"sourcedId": "r1"}),
        },
        {"orgs": Mode.BULK},
    ),
}


@pytest.mark.parametrize("case", DEVIATIONS)
def test_a_deviation_is_read_with_a_warning_and_refused_in_strict(tmp_path: Path, case: str) -> None:
    codes, contents, read = DEVIATIONS[case]

    bundle = _open(tmp_path, contents)

    assert _codes(bundle) == codes
    assert not bundle.refused
    assert {name: mode for name, mode in bundle.modes.items() if mode is not Mode.ABSENT} == read
    assert set(bundle.files) == set(read)
    assert _open(tmp_path, contents, strict=True).refused


def test_a_bulk_file_that_says_what_changed_stays_bulk(tmp_path: Path) -> None:
    bundle = _open(tmp_path, _declared(categories=Mode.BULK) | {"categories.csv": CHANGES})

    assert bundle.mode("categories") is Mode.BULK
    assert not bundle.findings


def test_a_misnamed_file_is_answered_by_the_likely_name(tmp_path: Path) -> None:
    bundle = _open(tmp_path, small() | {"enrolments.csv": "a"})

    assert "enrollments.csv" in bundle.findings[0].message


def test_a_manifest_alone_means_that_nothing_happened(tmp_path: Path) -> None:
    bundle = _open(tmp_path, {"manifest.csv": manifest_text(manifest_rows())}, strict=True)

    assert not bundle.findings
    assert bundle.files == {}


def test_zips_and_folders_beside_loose_files_are_other_bundles(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "north", small())
    as_zip(folder / "other.zip", small())
    as_folder(folder / "another", small())
    (folder / "users.csv.part").write_text("")

    assert not open_bundle(folder, tmp_path / "work", strict=True).findings


JP_ORGS = ORGS.replace("parentSourcedId", "parentSourcedId,metadata.jp.x").replace(",\n", ",,\n")


@pytest.mark.parametrize(
    ("version", "orgs", "profile", "japan"),
    [
        ("1.2", ORGS, "auto", False),
        ("1.2", JP_ORGS, "auto", True),
        ("1.2_JP", ORGS, "auto", True),
        ("1.2.1", JP_ORGS, "auto", True),
        ("1.2", ORGS, "japan", True),
        ("1.2", JP_ORGS, "standard", False),
    ],
)
def test_the_japan_profile_is_chosen_or_detected(
    tmp_path: Path, version: str, orgs: str, profile: str, japan: bool
) -> None:
    rows = manifest_rows(orgs=Mode.BULK) | {manifest.ONEROSTER_VERSION: version}
    bundle = _open(tmp_path, {"manifest.csv": manifest_text(rows), "orgs.csv": orgs}, strict=True, profile=profile)

    assert bundle.japan is japan
    assert not bundle.findings


def test_a_single_file_is_a_bundle_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "spring export.csv"
    path.write_text(CHANGES)

    bundle = open_bundle(path, tmp_path, strict=True)

    assert bundle.files == {"categories": path}
    assert bundle.modes == {"categories": Mode.DELTA}
    assert not bundle.findings


def test_a_single_file_of_1_1_is_one_of_1_1(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text(table("users", {"sourcedId": "u1"}, version=Version.V1P1))

    assert open_bundle(path, tmp_path).version is Version.V1P1


def test_a_single_file_that_is_none_of_the_standard_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lunches.csv"
    path.write_text("id,pupil,dish\n1,2,3\n")

    bundle = open_bundle(path, tmp_path)

    assert _codes(bundle) == ["file_unrecognised"]
    assert bundle.refused
