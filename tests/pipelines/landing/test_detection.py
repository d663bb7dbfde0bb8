"""What files look like that do not say it."""

import pytest

from pipelines.landing.detection import likeness_of, looks_like
from pipelines.oneroster.manifest import Version

CANDIDATES = [(version, entity) for version in Version for entity in version.entities]


@pytest.mark.parametrize(("version", "entity"), CANDIDATES, ids=lambda value: getattr(value, "name", value))
def test_every_file_of_the_standard_is_recognised_by_its_header(version, entity) -> None:
    likeness = likeness_of("export-7", entity.header)

    assert likeness is not None
    assert likeness.entity.name == entity.name
    same_in_both = any(other.header == entity.header for other in Version.V1P2.entities)
    assert likeness.version is (Version.V1P2 if same_in_both else version)


def test_a_name_of_the_standard_decides_whatever_the_columns_are() -> None:
    likeness = likeness_of("Users", ("id", "name"))

    assert likeness is not None
    assert likeness.entity.name == "users"


def test_columns_of_nothing_are_not_recognised() -> None:
    assert likeness_of("lunches", ("id", "pupil", "dish")) is None
    assert likeness_of("lunches", ()) is None


HEADERS = {
    "SDS) v2.1": {"roles": ("userSourcedId", "orgSourcedId", "role", "sessionSourcedId", "roleStartDate")},
    "SDS) v1,": {"student": ("SIS ID", "School SIS ID", "Username")},
    "OneRoster 1.0": {"classes": ("sourcedId", "title", "grade", "courseSourcedId")},
    "OneRoster 1.1,": {"users": tuple(next(e for e in Version.V1P1.entities if e.name == "users").header)},
    "OneRoster 1.1 or 1.2": {"orgs": ("sourcedId", "status", "dateLastModified", "name", "type", "identifier")},
    "None of its files": {"lunches": ("id", "pupil", "dish")},
}


@pytest.mark.parametrize("expected", HEADERS)
def test_files_without_a_manifest_are_named(expected: str) -> None:
    assert expected in looks_like(HEADERS[expected])
