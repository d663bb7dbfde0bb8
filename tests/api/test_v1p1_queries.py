"""Filters, sorting and fields in the names of 1.1: what is found is what is shown, whatever roles 1.2 has behind it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from pipelines.roster.migrations import upgrade
from tests.api.conftest import ROSTERING, Api, serving, settings_for
from tests.api.roster import SECRET, fill_everything, opened
from tests.api.v1p1_form import ROLES
from tests.api.v1p1_roster import USERS, fill_users
from tests.servers import PostgresServer

V1 = "/ims/oneroster/v1p1"
ORGS = ("district", "north", "south", "consortium")


@pytest.fixture(scope="module")
def api(postgres_server: PostgresServer) -> Iterator[Api]:
    """One database for all tests here: they only read."""
    template = postgres_server.migrated(upgrade)
    with postgres_server.database(template) as url, opened(url) as roster, serving(settings_for(url)) as api:
        roster.key()
        roster.key("southern", orgs=["south"])
        fill_everything(roster)
        fill_users(roster)
        yield api


def ids(api: Api, path: str, filter: str = "", more: str = "", **asked: Any) -> list[str]:
    """The ids of a list; its total has to be their number."""
    response = api.get(f"{V1}/{path}?limit=500{more}" + (f"&filter={quote(filter)}" if filter else ""), **asked)
    assert response.status_code == 200, response.text
    (records,) = response.get_json().values()
    assert response.headers["X-Total-Count"] == str(len(records))
    return [record["sourcedId"] for record in records]


def shown(api: Api, collection: str = "users") -> dict[str, Any]:
    return {record["sourcedId"]: record for record in api.json(f"{V1}/{collection}?limit=500")[collection]}


@pytest.mark.parametrize("role", [*ROLES, "principal", "siteAdministrator", "ext:librarian", "Teacher", ""])
def test_a_role_finds_those_who_show_it(api: Api, role: str) -> None:
    users = shown(api)
    those = [id for id, user in users.items() if user["role"] == role]
    assert ids(api, "users", f"role='{role}'") == those
    assert ids(api, "users", f"role!='{role}'") == [id for id in users if id not in those]
    assert ids(api, "users", f"role='{role}' AND status='active'") == those
    assert ids(api, "users", f"username='u-several' OR role='{role}'") == sorted({*those, "several"})


def test_students_and_teachers_are_those_who_show_the_role(api: Api) -> None:
    users = shown(api)
    for path, role in (("students", "student"), ("teachers", "teacher")):
        those = [id for id, user in users.items() if user["role"] == role]
        assert ids(api, path) == those
        assert {id for id, user in USERS.items() if user.role == role} < set(those)
        for id in users:
            assert api.get(f"{V1}/{path}/{quote(id, safe='')}").status_code == (200 if id in those else 404)


def test_nested_students_are_those_whom_links_call_so(api: Api) -> None:
    """A student of the class, whatever the one role is that 1.1 shows."""
    assert ids(api, "classes/club/students") == ["same-twice"]
    assert ids(api, "classes/club/teachers") == ["several"]
    assert ids(api, "schools/north/classes/club/enrollments") == ["observed", "same-twice-student", "several-teacher"]
    assert "partly-left" in ids(api, "schools/south/students")
    assert "partly-left" not in ids(api, "schools/north/students")
    assert ids(api, "students/same-twice/classes") == ["club"]
    assert api.get(f"{V1}/students/several/classes").status_code == 404


@pytest.mark.parametrize("org", [*ORGS, "nowhere"])
@pytest.mark.parametrize("name", ["orgs", "orgs.sourcedId"])
def test_an_org_finds_those_who_show_it(api: Api, name: str, org: str) -> None:
    users = shown(api)
    those = [id for id, user in users.items() if org in [ref["sourcedId"] for ref in user["orgs"]]]
    assert ids(api, "users", f"{name}='{org}'") == those
    assert ids(api, "users", f"{name}!='{org}'") == [id for id in users if id not in those]


@pytest.mark.parametrize(
    ("path", "filter", "found"),
    [
        ("users", "orgs.type='local'", ["elsewhere"]),
        ("users", "orgs.name~'DISTR' AND role='administrator'", ["district", "system"]),
        ("users", "role~'DMIN' AND orgs='consortium'", ["elsewhere"]),
        ("users", "role>'student' AND orgs='south' AND familyName='Itō'", ["several"]),
        ("users", "agents.role='aide' AND username='u-several'", ["several"]),
        ("users", "metadata.jp.kanaGivenName='ハナ'", ["several"]),
        ("enrollments", "role='proctor' AND class='club'", ["observed"]),
        ("enrollments", "role='teacher'", ["several-teacher"]),
        ("enrollments", "role='ext:observer'", []),
        ("enrollments", "user.role='aide' AND class='club'", ["observed"]),
        ("enrollments", "user.orgs.type='district'", ["several-teacher"]),
        ("enrollments", "user.sourcedId='same-twice'", ["same-twice-student"]),
        ("academicSessions", "type='semester'", ["trimester"]),
        ("orgs", "type='local'", ["consortium"]),
        ("orgs", "type='ext:c'", []),
        ("orgs", "type!='school'", ["consortium", "district", "org-bare", "org/full@1"]),
        ("classes", "classType='scheduled'", ["club"]),
        ("classes", "school.type='school' AND title='C'", ["club"]),
        ("demographics", "sex='unspecified'", []),
        ("terms", "type='term'", ["term-1"]),
    ],
)
def test_filters_in_names_of_1_1(api: Api, path: str, filter: str, found: list[str]) -> None:
    assert ids(api, path, filter) == found


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_users_are_sorted_by_the_role_shown(api: Api, direction: str) -> None:
    users = shown(api)
    expected = sorted(users, key=lambda id: (users[id]["role"], id), reverse=direction == "desc")
    sort = f"&sort=role&orderBy={direction}"
    assert ids(api, "users", more=sort) == expected
    for offset in range(0, len(users), 4):
        assert page(api, f"{V1}/users?limit=4&offset={offset}{sort}") == expected[offset : offset + 4]


def test_fields_are_those_of_1_1(api: Api) -> None:
    shown = api.json(f"{V1}/users/several?fields=role,orgs,sourcedId")["user"]
    assert set(shown) == {"role", "orgs", "sourcedId"}
    assert set(api.json(f"{V1}/users/several?fields=orgs.sourcedId")["user"]) == {"orgs"}
    whole = api.json(f"{V1}/users/several")
    for name in ("roles", "primaryOrg", "pronouns", "userProfiles", "resources"):
        assert api.json(f"{V1}/users/several?fields={name}") == whole


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("users", "roles.role"),
        ("users", "primaryOrg"),
        ("users", "primaryOrg.sourcedId"),
        ("users", "preferredFirstName"),
        ("users", "userMasterIdentifier"),
        ("users", "pronouns"),
        ("users", "userProfiles.profileType"),
        ("users", "resources"),
        ("users", "password"),
        ("users", "stored_role"),
        ("users", "agents.roles.role"),
        ("enrollments", "user.roles.role"),
        ("enrollments", "user.primaryOrg.name"),
        ("classes", "resources.title"),
        ("orgs", "stored_type"),
    ],
)
def test_names_that_1_1_does_not_have_are_unknown(api: Api, path: str, name: str) -> None:
    response = api.get(f"{V1}/{path}?filter={name}='x'")
    assert response.status_code == 400
    (told,) = response.get_json()["statusInfoSet"]
    assert told["imsx_codeMinor"] == "invalid_filter_field"
    assert name in told["imsx_description"]
    unsorted = page(api, f"{V1}/{path}?sort={name}&orderBy=desc")
    assert unsorted == sorted(unsorted)


def page(api: Api, path: str) -> list[str]:
    (records,) = api.json(path).values()
    return [record["sourcedId"] for record in records]


def test_names_of_1_1_are_none_in_1_2(api: Api) -> None:
    for name in ("role", "orgs.sourcedId"):
        assert api.get(f"{ROSTERING}/users?filter={name}='x'").status_code == 400


def test_what_a_client_limited_to_an_org_may_not_see_it_cannot_find(api: Api) -> None:
    """Users are shown whole, with orgs that stay bare references; orgs that are not visible answer nothing."""
    key = f"southern.{SECRET}"
    whole, seen = ids(api, "users"), ids(api, "users", key=key)
    assert {"several", "librarian"} < set(seen) < set(whole)  # the librarian is an agent of a visible one
    assert "principal" not in seen
    assert "district" in [ref["sourcedId"] for ref in api.json(f"{V1}/users/several", key=key)["user"]["orgs"]]
    assert ids(api, "users", "orgs.type='district'", key=key) == []
    assert ids(api, "users", "role='administrator' OR role='proctor'", key=key) == []
    assert ids(api, "users", "orgs.type='school' AND username='u-several'", key=key) == ["several"]
    assert ids(api, "teachers", key=key) == [id for id in ids(api, "teachers") if id in seen]
    assert api.get(f"{V1}/orgs/district", key=key).status_code == 404
