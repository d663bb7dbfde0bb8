"""Every real bundle ends as its row in the table of bundles says, judged by `rosterhub check`, tolerant and strict."""

from pathlib import Path

import pytest

from pipelines.checking import Check, check
from tests.shared import BUNDLES, needs_bundles

pytestmark = needs_bundles

LOADS = ("valid-02-rostering-bulk.zip", "valid-04-gradebook-bulk.zip", "valid-08-full-bulk.zip")
BREAK_JAPAN = ("classroom_spec-03", "classroom_spec-04", "course_spec-02", "course_spec-05", "user_spec-03")
WARNS = {
    "classlink-sandbox-v1p1.zip": {"academicSessions": 7, "orgs": 4, "courses": 40, "classes": 72, "users": 180,
                                   "enrollments": 305},
    "edfi-lms-toolkit-v1p1": {"academicSessions": 3, "orgs": 2, "courses": 2, "classes": 2, "users": 10,
                              "enrollments": 24, "demographics": 8},
    "university-ja-v1p1.zip": {"academicSessions": 4, "orgs": 1, "courses": 2, "classes": 5, "users": 20,
                               "enrollments": 30},
    "school-small-v1p1.zip": {"users": 79, "enrollments": 546},
    "district-small-v1p1": {"users": 268, "enrollments": 1855},
}  # fmt: skip
REJECTS = {  # bundle: words that must be in what it is told
    "moodle-minimal-v1p1.zip": ("courses.csv",),
    "moodle-full-v1p2.zip": ("userProfiles.csv", "fewer cells", "date"),
    "v1p0-shaped": ("1.0",),
    "header-only-template": ("no rows",),
    "no-manifest": ("manifest",),
    "sds-v2p1": ("School Data Sync",),
}
MAY_PUBLISH = ("03", "05")  # strict-only faults
STRICT = ("01", "03", "05", "07", "09", "11", "13", "15")


def text_of(verdict: Check) -> str:
    return "\n".join(f"{found.file} {found.message} {found.remedy}" for found in verdict.findings)


@pytest.mark.parametrize("name", LOADS)
def test_a_good_bundle_is_clean_in_both_modes(name: str) -> None:
    assert check(BUNDLES / "loads" / name).outcome == "clean"
    assert check(BUNDLES / "loads" / name, strict=True).outcome == "clean"


def test_the_japanese_bundle_has_its_rows() -> None:
    verdict = check(BUNDLES / "loads" / "japan-v1p2-small.zip")
    expected = {"academicSessions": 1, "orgs": 3, "courses": 2, "classes": 14, "users": 420, "roles": 420,
                "enrollments": 408, "demographics": 394}  # fmt: skip
    assert {name: counts["accepted"] for name, counts in verdict.entities.items()} == expected
    assert verdict.outcome != "rejected"
    strict = check(BUNDLES / "loads" / "japan-v1p2-small.zip", strict=True)
    assert strict.outcome != "rejected", text_of(strict)


@pytest.mark.parametrize("path", sorted((BUNDLES / "japan-rows").glob("*.csv")), ids=lambda path: path.stem)
def test_single_files_keep_or_break_the_japan_profile(path: Path) -> None:
    verdict = check(path, strict=True, profile="japan")
    broken = any(name in path.name for name in BREAK_JAPAN)
    assert (verdict.outcome == "rejected") == broken, text_of(verdict)


@pytest.mark.parametrize("name", WARNS)
def test_a_bundle_with_deviations_loads_whole_and_fails_strict(name: str) -> None:
    verdict = check(BUNDLES / "warns" / name)
    assert verdict.outcome == "warnings", text_of(verdict)
    assert {file: verdict.entities[file]["accepted"] for file in WARNS[name]} == WARNS[name]
    assert sum(counts["rejected"] for counts in verdict.entities.values()) == 0
    assert check(BUNDLES / "warns" / name, strict=True).outcome == "rejected"


@pytest.mark.parametrize("number", STRICT)
def test_a_negative_bundle_fails_strict(number: str) -> None:
    path = next((BUNDLES / "strict").glob(f"negative-{number}-*"))
    verdict = check(path, strict=True)
    assert verdict.outcome == "rejected"
    assert all(found.file and found.remedy for found in verdict.findings)
    if number not in MAY_PUBLISH:
        tolerant = check(path)
        nothing_accepted = not any(counts["accepted"] for counts in tolerant.entities.values())
        assert tolerant.outcome == "rejected" or nothing_accepted or number == "15"


def test_faulty_gradebook_rows_take_along_what_needs_them() -> None:
    path = next((BUNDLES / "strict").glob("negative-15-*"))
    accepted = {file: counts["accepted"] for file, counts in check(path).entities.items()}
    assert accepted["scoreScales"] == accepted["lineItemScoreScales"] == accepted["resultScoreScales"] == 0
    assert accepted["lineItemLearningObjectiveIds"] == 0
    assert accepted["lineItems"] == accepted["results"] == 1


@pytest.mark.parametrize("name", REJECTS)
def test_a_hopeless_bundle_is_rejected_and_told_why(name: str) -> None:
    verdict = check(BUNDLES / "rejects" / name)
    assert verdict.outcome == "rejected"
    for word in REJECTS[name]:
        assert word in text_of(verdict)
    assert check(BUNDLES / "rejects" / name, strict=True).outcome == "rejected"
