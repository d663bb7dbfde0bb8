"""The gate: every expectation of the suites bites, deltas and absent files are not judged, values stay inside."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import SettingsError
from pipelines.findings import Severity
from pipelines.oneroster.manifest import Mode
from pipelines.quality import Expectation, Level, expectations, judge, with_findings
from pipelines.quality.suites import FOLDER
from tests.pipelines.quality.rows import staged_bundle

Rows = list[dict[str, Any]]

GOOD: dict[str, Rows] = {
    "users": [
        {"username": f"u{number}", "email": f"u{number}@example.org", "enabled_user": True} for number in range(4)
    ],
    "orgs": [{"type": "district"}, {"type": "school"}],
    "classes": [{"class_type": "scheduled", "title": f"Class {number}"} for number in range(3)],
    "enrollments": [
        {"class_sourced_id": "c", "user_sourced_id": f"u{number}", "role": role}
        for number, role in enumerate(["student", "teacher"])
    ],
}

# One way to break each expectation and no other: (file, rows).
BROKEN: dict[str, tuple[str, Rows]] = {
    "users_usernames_differ": ("users", [*GOOD["users"], GOOD["users"][0]]),
    "users_emails_filled": ("users", [{**user, "email": None} for user in GOOD["users"]]),
    "users_mostly_enabled": ("users", [{**user, "enabled_user": False} for user in GOOD["users"]]),
    "orgs_some_school": ("orgs", [{"type": "district"}]),
    "classes_some_scheduled": ("classes", [{**row, "class_type": "homeroom"} for row in GOOD["classes"]]),
    "classes_titles_differ": ("classes", [{"class_type": "scheduled", "title": "Class"}] * 3),
    "enrollments_students_and_teachers": ("enrollments", GOOD["enrollments"][:1]),
    "enrollments_differ": ("enrollments", [*GOOD["enrollments"]] * 2),
}


def broken(judgements: list) -> set[str]:
    return {judgement.expectation.name for judgement in judgements if not judgement.passed}


def test_a_good_bundle_meets_every_expectation(tmp_path: Path) -> None:
    judgements = judge(staged_bundle(tmp_path, **GOOD))
    assert broken(judgements) == set()
    assert all(judgement.judged for judgement in judgements)
    assert len(judgements) == len(expectations())


@pytest.mark.parametrize("name", BROKEN)
def test_each_expectation_bites_alone(tmp_path: Path, name: str) -> None:
    file, rows = BROKEN[name]
    own = [expectation for expectation in expectations() if expectation.entity == file]
    assert broken(judge(staged_bundle(tmp_path, **{file: rows}), own)) == {name}


def test_usernames_that_mean_nothing_refuse_the_bundle(tmp_path: Path) -> None:
    staged = staged_bundle(tmp_path, users=[{**user, "username": "x"} for user in GOOD["users"]])
    refused = with_findings(staged, judge(staged))
    assert refused.refused
    assert not staged.refused
    assert {(found.severity, found.rejects_bundle) for found in refused.findings} == {
        (Severity.ERROR, True),
        (Severity.WARNING, False),
    }


def test_too_many_users_is_the_only_expectation_without_a_breaking_example() -> None:
    unproven = {expectation.name for expectation in expectations()} - set(BROKEN)
    assert unproven == {"users_count", "users_usernames_mean_something"}


def test_count_bites(tmp_path: Path) -> None:
    count = next(expectation for expectation in expectations() if expectation.name == "users_count")
    fewer = replace(count, arguments={"min_value": 1, "max_value": 3})
    assert broken(judge(staged_bundle(tmp_path, users=GOOD["users"]), [fewer])) == {"users_count"}


@pytest.mark.parametrize("rows", [{}, {"users": [{"username": "x"}] * 3}])
def test_deltas_and_absent_files_are_not_judged(tmp_path: Path, rows: dict[str, Rows]) -> None:
    judgements = judge(staged_bundle(tmp_path, mode=Mode.DELTA, **rows))
    assert {(judgement.passed, judgement.judged) for judgement in judgements} == {(True, False)}


def test_tombstones_are_not_judged(tmp_path: Path) -> None:
    tombstones = [{"status": "tobedeleted"}] * 9
    assert broken(judge(staged_bundle(tmp_path, users=[*GOOD["users"], *tombstones]))) == set()


def test_no_value_of_a_cell_leaves_the_gate(tmp_path: Path) -> None:
    users = [{"username": "secret-name", "email": None, "enabled_user": False}] * 3
    staged = staged_bundle(tmp_path, users=users, orgs=[{"type": "secret-type"}])
    judgements = judge(staged)
    said = "".join(f"{judgement.summary}{judgement.facts}" for judgement in judgements)
    said += str(with_findings(staged, judgements).findings)
    assert "secret" not in said


def test_great_expectations_is_not_imported_until_something_is_judged() -> None:
    code = (
        "import sys; from pipelines import quality; quality.expectations(); print('great_expectations' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "False"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("pupils.yaml", "[]", "no entity pupils"),
        ("users.yaml", "- {name: a, type: t, level: fatal, description: d}", "fatal"),
        ("users.yaml", "- {type: t, level: error}", "name"),
        ("users.yaml", "- {name: a, type: t, level: error, description: d, with: {column: sex}}", "sex"),
    ],
)
def test_a_suite_that_makes_no_sense_is_refused_by_name(tmp_path: Path, file: str, text: str, said: str) -> None:
    (tmp_path / file).write_text(text)
    with pytest.raises(SettingsError, match=said):
        expectations(tmp_path)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("expect_the_unexpected", {}),
        ("expect_column_values_to_be_unique", {"column": "email", "mostly": 7}),
        ("expect_column_values_to_match_regex", {"column": "email", "regex": "("}),
    ],
)
def test_an_expectation_that_cannot_be_asked_is_a_mistake_in_the_suite(
    tmp_path: Path, kind: str, arguments: dict[str, Any]
) -> None:
    unusable = Expectation("users", "odd", kind, Level.ERROR, "Odd.", arguments)
    with pytest.raises(SettingsError, match="users_odd"):
        judge(staged_bundle(tmp_path, users=GOOD["users"]), [unusable])


def test_suites_lie_beside_the_code() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == ["classes", "enrollments", "orgs", "users"]
