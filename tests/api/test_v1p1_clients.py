"""Clients of 1.1 that other people wrote, against the API over the network.

`strongmind-oneroster-client` was generated from the definition of 1.1 and refuses whatever that does not allow.
`oneroster` reads ClassLink's servers page by page; what it signs requests with is replaced by our key.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

import oneroster
import oneroster_client
import pytest
import requests

from pipelines.roster.migrations import upgrade
from tests.api.conftest import serving, settings_for
from tests.api.roster import HEADER, KEY, SECRET, fill_everything, full, opened
from tests.api.v1p1_roster import USERS, fill_users
from tests.journeys.browsing import served
from tests.servers import PostgresServer

V1 = "/ims/oneroster/v1p1"


@pytest.fixture(scope="module")
def url(postgres_server: PostgresServer) -> Iterator[str]:
    """Where the view is served."""
    template = postgres_server.migrated(upgrade)
    with postgres_server.database(template) as database, opened(database) as roster:
        roster.key()
        fill_everything(roster)
        fill_users(roster)
        settings = dataclasses.replace(settings_for(database), public_url=None, token_key="k" * 32)
        with serving(settings) as api, served(api.client.application) as address:
            yield address + V1


@pytest.fixture(scope="module")
def generated(url: str) -> oneroster_client.ApiClient:
    """The generated client, with a token for the scopes as 1.1 spells them."""
    scopes = "https://purl.imsglobal.org/spec/or/v1p1/scope/{0}.readonly"
    asked = {
        "grant_type": "client_credentials",
        "scope": f"{scopes.format('roster')} {scopes.format('roster-demographics')}",
    }
    issued = requests.post(f"{url.removesuffix(V1)}/oauth/token", data=asked, auth=(KEY, SECRET), timeout=30)
    configuration = oneroster_client.Configuration()
    configuration.host, configuration.access_token = url, issued.json()["access_token"]
    return oneroster_client.ApiClient(configuration)


# Its name of the group of operations, and of the records; what it calls a list of them, and one.
GROUPS = [
    ("AcademicSessions", "academic_session", "academic_sessions", "academic_session"),
    ("Terms", "term", "academic_sessions", "academic_session"),
    ("GradingPeriods", "grading_period", "academic_sessions", "academic_session"),
    ("Orgs", "org", "orgs", "org"),
    ("Schools", "school", "orgs", "org"),
    ("Courses", "course", "courses", "course"),
    ("Classes", "class", "classes", "_class"),
    ("Users", "user", "users", "user"),
    ("Students", "student", "users", "user"),
    ("Teachers", "teacher", "users", "user"),
    ("Enrollments", "enrollment", "enrollments", "enrollment"),
    ("Demographics", "demographic", "demographics", "demographics"),
]


def operations(generated: oneroster_client.ApiClient, group: str) -> Any:
    return getattr(oneroster_client, f"{group}ManagementApi")(generated)


@pytest.mark.parametrize(("group", "name", "listed", "single"), GROUPS, ids=lambda name: name)
def test_the_generated_client_takes_every_record(
    generated: oneroster_client.ApiClient, group: str, name: str, listed: str, single: str
) -> None:
    asked = operations(generated, group)
    plural = "classes" if name == "class" else f"{name}s"
    records = getattr(getattr(asked, f"get_{plural}")(limit=1000), listed)
    assert records
    for record in records:
        assert getattr(getattr(asked, f"get_{name}")(record.sourced_id), single) == record


def test_the_generated_client_reads_roles_and_orgs(generated: oneroster_client.ApiClient) -> None:
    users = {user.sourced_id: user for user in operations(generated, "Users").get_users(limit=1000).users}
    for id, expected in USERS.items():
        assert (users[id].role, tuple(org.sourced_id for org in users[id].orgs)) == (expected.role, expected.orgs)
        assert users[id].enabled_user is True
    assert users["student"].enabled_user is False


def test_the_generated_client_asks_for_what_belongs_to_a_record(generated: oneroster_client.ApiClient) -> None:
    def ids(group: str, operation: str, *of: str, **query: Any) -> list[str]:
        (records,) = getattr(operations(generated, group), operation)(*of, **query).to_dict().values()
        return [record["sourced_id"] for record in records]

    assert ids("Students", "get_students_for_class", "club") == ["same-twice"]
    assert ids("Teachers", "get_teachers_for_class_in_school", "north", "club") == ["several"]
    assert ids("Classes", "get_classes_for_student", "same-twice") == ["club"]
    assert ids("Terms", "get_terms_for_school", "north") == ["term-1"]
    assert ids("Users", "get_users", filter="role='administrator'", sort="username", order_by="desc") == [
        *("system", "site-who-teaches", "site", "principal", "elsewhere", "district")
    ]
    assert ids("Orgs", "get_orgs", limit=1, offset=1) == ["district"]
    assert full("org") in ids("Orgs", "get_orgs", filter="status='active'")


def test_the_generated_client_is_told_of_errors(generated: oneroster_client.ApiClient) -> None:
    with pytest.raises(requests.HTTPError) as raised:
        operations(generated, "Users").get_user("nobody")
    assert raised.value.response.status_code == 404
    assert raised.value.response.json()["statusInfoSet"][0]["imsx_codeMinor"] == "unknown object"


@pytest.fixture
def connector(url: str, monkeypatch: pytest.MonkeyPatch) -> oneroster.ClasslinkConnector:
    """ClassLink's, with pages so small that it has to follow links."""

    def ask(_: object, address: str) -> requests.Response:
        return requests.get(address, headers={"X-API-Key": HEADER}, timeout=30)

    monkeypatch.setattr("oneroster.classlink.ClasslinkAPI.make_roster_request", ask)
    return oneroster.ClasslinkConnector(f"{url}/", client_id="x", client_secret="x", page_size=3)


def test_classlinks_client_finds_users_by_following_links(connector: oneroster.ClasslinkConnector) -> None:
    users = {user["sourcedId"]: user for user in connector.get_users(user_filter="users")}
    assert {id: users[id]["role"] for id in USERS} == {id: user.role for id, user in USERS.items()}
    students = [user["sourcedId"] for user in connector.get_users(user_filter="students")]
    assert students == sorted(id for id, user in users.items() if user["role"] == "student")
    assert [user["sourcedId"] for user in connector.get_users(user_filter="teachers")] == sorted(
        id for id, user in users.items() if user["role"] == "teacher"
    )
