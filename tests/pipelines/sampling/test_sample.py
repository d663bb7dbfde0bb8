"""Samples: valid by the letter, repeatable, whole, and of the size that was asked for."""

import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest

from pipelines.checking import check
from pipelines.oneroster import japan
from pipelines.oneroster.entity import Kind
from pipelines.oneroster.manifest import Mode, Version
from pipelines.oneroster.registry import BY_NAME
from pipelines.oneroster.v1p1 import ADMINISTRATOR_BY_ORG_TYPE
from pipelines.sampling.sample import Sample
from pipelines.sampling.writing import write
from tests.pipelines.sampling.bundles import ids, rows, sample

EVERYTHING = {"gradebook": True, "resources": True}


@pytest.fixture(scope="module")
def american(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _written(sample(700, **EVERYTHING), tmp_path_factory.mktemp("us") / "bundle")


@pytest.fixture(scope="module")
def japanese(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _written(sample(700, "japan"), tmp_path_factory.mktemp("japan") / "bundle")


def _written(made: Sample, path: Path) -> Path:
    write(made, path)
    return path


@pytest.mark.parametrize("students", [1, 2, 26, 700])
@pytest.mark.parametrize("mode", [Mode.BULK, Mode.DELTA])
@pytest.mark.parametrize("version", list(Version))
def test_it_is_valid_by_the_letter(tmp_path: Path, version: Version, mode: Mode, students: int) -> None:
    made = sample(students, version=version, mode=mode, gradebook=True, resources=True)

    assert check(_written(made, tmp_path / "bundle"), strict=True).outcome == "clean"


@pytest.mark.parametrize("students", [1, 26, 700])
def test_it_keeps_the_japan_profile(tmp_path: Path, students: int) -> None:
    verdict = check(_written(sample(students, "japan"), tmp_path / "bundle"), strict=True)

    assert verdict.outcome == "clean"
    assert verdict.findings == ()


@pytest.mark.parametrize("version", list(Version))
def test_headers_are_those_of_the_standard(tmp_path: Path, version: Version) -> None:
    folder = _written(sample(5, version=version, gradebook=True, resources=True), tmp_path / "bundle")

    for entity in version.entities:
        with (folder / f"{entity.name}.csv").open(newline="") as file:
            assert tuple(next(csv.reader(file))) == entity.header


def test_japanese_headers_have_the_profiles_columns(japanese: Path) -> None:
    for name, extensions in japan.EXTENSIONS.items():
        header = rows(japanese, name)[0].keys()
        assert all(any(spelling in header for spelling in spellings) for spellings in extensions)
    assert "resourceSourcedIds" not in rows(japanese, "users")[0]


def _contents(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.parametrize("flavour", ["us", "japan"])
def test_the_seed_decides_everything(tmp_path: Path, flavour: str) -> None:
    one, same, other = (
        _contents(_written(sample(40, flavour, seed), tmp_path / name))
        for name, seed in (("one", 1), ("same", 1), ("other", 2))
    )

    assert one == same
    assert one["users.csv"] != other["users.csv"]


def test_every_reference_resolves_and_every_id_is_unique(american: Path) -> None:
    known = {name: ids(american, name) for name in BY_NAME}
    for name, entity in BY_NAME.items():
        assert len(set(known[name])) == len(known[name]) > 0
        for column in entity.references:
            split = column.kind is Kind.REFS
            cells = [row[column.name] for row in rows(american, name) if row[column.name]]
            targets = {item for cell in cells for item in (cell.split(",") if split else [cell])}
            assert targets <= set(known[column.to]), (name, column.name)


def test_sizes(american: Path) -> None:
    roles = Counter(row["role"] for row in rows(american, "roles"))
    enrolled = Counter(row["userSourcedId"] for row in rows(american, "enrollments") if row["role"] == "student")

    assert roles["student"] == len(rows(american, "demographics")) == 700
    assert set(enrolled.values()) == {9}
    assert len(enrolled) == 700
    assert roles["guardian"] == 175
    assert 9.5 < len(rows(american, "enrollments")) / 700 < 10.5


def test_classes_have_a_size_that_fits_a_room(american: Path) -> None:
    sizes = Counter(row["classSourcedId"] for row in rows(american, "enrollments") if row["role"] == "student")

    assert set(sizes) == set(ids(american, "classes"))
    assert max(sizes.values()) <= 25


def test_pupils_are_taught_at_their_school_in_their_grade(american: Path) -> None:
    classes = {row["sourcedId"]: row for row in rows(american, "classes")}
    users = {row["sourcedId"]: row for row in rows(american, "users")}
    for row in rows(american, "enrollments"):
        class_, user = classes[row["classSourcedId"]], users[row["userSourcedId"]]
        assert class_["schoolSourcedId"] == row["schoolSourcedId"]
        if row["role"] == "student":
            assert user["grades"] == class_["grades"]
            assert user["primaryOrgSourcedId"] == row["schoolSourcedId"]


def test_children_have_the_family_name_of_their_guardian(american: Path) -> None:
    users = {row["sourcedId"]: row for row in rows(american, "users")}
    families = [(row, users[row["agentSourcedIds"]]) for row in users.values() if row["agentSourcedIds"]]

    assert len(families) == 350
    assert all(child["familyName"] == guardian["familyName"] for child, guardian in families)


def test_results_are_of_pupils_of_the_class(american: Path) -> None:
    items = {row["sourcedId"]: row["classSourcedId"] for row in rows(american, "lineItems")}
    enrolled = {(row["userSourcedId"], row["classSourcedId"]) for row in rows(american, "enrollments")}
    for row in rows(american, "results"):
        assert items[row["lineItemSourcedId"]] == row["classSourcedId"]
        assert (row["studentSourcedId"], row["classSourcedId"]) in enrolled


def test_japanese_names_hold_what_careless_software_loses(japanese: Path) -> None:
    names = "".join(row["familyName"] for row in rows(japanese, "users"))

    assert all(char in names for char in ("𠮷", "葛\U000e0100", "髙", "﨑"))


def test_japanese_pupils_have_a_homeroom_and_a_number_in_it(japanese: Path) -> None:
    homes = {row["sourcedId"]: row["metadata.jp.homeClass"] for row in rows(japanese, "users")}
    numbers = Counter(
        (row["classSourcedId"], row["metadata.jp.shussekiNo"])
        for row in rows(japanese, "enrollments")
        if row["role"] == "student" and homes[row["userSourcedId"]] == row["classSourcedId"]
    )

    assert len(numbers) == 700
    assert max(numbers.values()) == 1


def test_1_1_holds_the_same_data(american: Path, tmp_path: Path) -> None:
    older = _written(sample(700, version=Version.V1P1), tmp_path / "bundle")
    types = {row["sourcedId"]: row["type"] for row in rows(american, "orgs")}
    newer = Counter((row["userSourcedId"], row["orgSourcedId"], row["role"]) for row in rows(american, "roles"))

    def upgraded(role: str, org: str) -> str:
        return ADMINISTRATOR_BY_ORG_TYPE[types[org]] if role == "administrator" else role

    assert newer == Counter(
        (row["sourcedId"], org, upgraded(row["role"], org))
        for row in rows(older, "users")
        for org in row["orgSourcedIds"].split(",")
    )
    for name in ("academicSessions", "orgs", "courses", "classes", "enrollments", "demographics"):
        assert rows(older, name) == rows(american, name)


def test_a_delta_applies_to_the_bulk(american: Path, tmp_path: Path) -> None:
    delta = _written(sample(700, mode=Mode.DELTA), tmp_path / "bundle")
    old = {row["sourcedId"]: row for row in rows(american, "users")}
    kinds = Counter()
    for row in rows(delta, "users"):
        assert row["dateLastModified"]
        stored = old.get(row["sourcedId"])
        if stored is None:
            kinds["new"] += 1
        elif row["status"] == "tobedeleted":
            kinds["gone"] += 1
        else:
            kinds["changed"] += 1
            assert {name for name in row if row[name] != stored[name]} == {"status", "dateLastModified", "sms"}

    assert kinds == {"changed": 7, "new": 1, "gone": 1}


def test_what_a_delta_refers_to_is_in_the_bulk_or_beside_it(american: Path, tmp_path: Path) -> None:
    delta = _written(sample(700, mode=Mode.DELTA), tmp_path / "bundle")
    sent = {path.stem for path in delta.glob("*.csv")} - {"manifest"}

    assert sent == {"users", "roles", "demographics", "enrollments"}
    for name in sent:
        for column in BY_NAME[name].references:
            known = {*ids(american, column.to), *(ids(delta, column.to) if column.to in sent else ())}
            targets = {item for row in rows(delta, name) for item in row[column.name].split(",") if item}
            assert targets <= known
    for name in ("roles", "demographics", "enrollments"):
        gone = {row["sourcedId"] for row in rows(delta, name) if row["status"] == "tobedeleted"}
        assert gone
        assert gone <= set(ids(american, name))
