"""Which properties are shown where a client names some: those and nothing else, of every collection."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from api.collections import BY_NAME, COLLECTIONS, Collection
from api.query import layout
from tests.api import official
from tests.api.conftest import ROSTERING, Api, serving, serving_filled
from tests.api.roster import bare, fill_everything, full
from tests.servers import PostgresServer

USERS = f"{ROSTERING}/users"
FULL = f"{USERS}/{full('user').replace('/', '%2F')}"
STORED = [collection for collection in COLLECTIONS if collection.is_stored]


@pytest.fixture(scope="module")
def api(postgres_server: PostgresServer) -> Iterator[Api]:
    """One database for all tests here: they only read."""
    with serving_filled(postgres_server, fill_everything) as api:
        yield api


def user(api: Api, fields: str) -> Any:
    return api.json(f"{FULL}?fields={fields}")["user"]


@pytest.mark.parametrize("collection", STORED, ids=lambda collection: collection.name)
def test_every_property_can_be_shown_alone(api: Api, collection: Collection) -> None:
    """In lists and single records, exactly as it is shown among the others."""
    whole = {record["sourcedId"]: record for record in api.json(collection.path)[collection.entity.name]}
    for name in layout.properties(collection):
        listed = api.json(f"{collection.path}?fields=sourcedId,{name}")[collection.entity.name]
        assert listed == [
            {key: value for key, value in record.items() if key in {"sourcedId", name}} for record in whole.values()
        ]
    id = max(whole)
    one = api.json(f"{collection.path}/{id.replace('/', '%2F')}?fields=status")
    assert one == {collection.entity.singular: {"status": "active"}}


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ("familyName", {"familyName"}),
        ("familyName,givenName", {"familyName", "givenName"}),
        (" familyName , givenName ", {"familyName", "givenName"}),
        ("familyName,familyName", {"familyName"}),
        ("roles", {"roles"}),
        ("roles.role", {"roles"}),
        ("roles.role,roles.org.name", {"roles"}),
        ("userProfiles,agents", {"userProfiles", "agents"}),
        ("resources", {"resources"}),
        ("metadata.jp.kanaGivenName", {"metadata"}),
        ("sms,middleName", {"sms", "middleName"}),
    ],
)
def test_those_and_nothing_else(api: Api, fields: str, shown: set[str]) -> None:
    assert set(user(api, fields)) == shown


def test_what_a_record_lacks_is_left_out(api: Api) -> None:
    assert api.json(f"{USERS}/{bare('user')}?fields=sms,middleName") == {"user": {}}


@pytest.mark.parametrize(
    "fields",
    ["nothing", "familyName,nothing", "nothing.familyName", "family_name", "FamilyName", "password", "*", "%00", "姓"],
)
def test_an_unknown_name_shows_everything(api: Api, fields: str) -> None:
    whole = api.get(FULL)
    assert api.get(f"{FULL}?fields={fields}").json == whole.json
    assert "password" not in whole.text


@pytest.mark.parametrize(
    "fields", ["", ",", "familyName,", ",familyName", "familyName,,roles", "%20", "familyName,%20"]
)
@pytest.mark.parametrize("url", [USERS, FULL, f"{ROSTERING}/schools/school-1/students"])
def test_a_blank_name_is_refused(api: Api, url: str, fields: str) -> None:
    response = api.get(f"{url}?fields={fields}")
    assert response.status_code == 400
    (field,) = response.json["imsx_CodeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldValue"] == "invalid_selection_field"
    assert official.faults("rostering", "/users", "400", response.json) == []


def test_a_line_items_session_is_chosen_by_the_name_it_is_shown_under(api: Api) -> None:
    line_items = BY_NAME["lineItems"]
    for fields, expected in (("gradingPeriod", {"gradingPeriod"}), ("academicSession", set())):
        records = api.json(f"{line_items.path}?fields={fields}")["lineItems"]
        assert [set(record) for record in records] == [expected, expected]


def test_unknown_names_are_refused_where_the_setting_says_so(api: Api) -> None:
    with serving(dataclasses.replace(api.hub.settings, refuse_unknown_names=True)) as strict:
        for url, minor in (
            (f"{USERS}?fields=familyName,nothing", "invalid_selection_field"),
            (f"{FULL}?fields=password", "invalid_selection_field"),
            (f"{USERS}?sort=nothing", "invalid_sort_field"),
            (f"{USERS}?sort=grades", "invalid_sort_field"),
        ):
            response = strict.get(url)
            assert response.status_code == 400
            assert minor in response.text
        assert set(user(strict, "familyName,roles.role")) == {"familyName", "roles"}
        assert strict.get(f"{USERS}?sort=familyName").status_code == 200


def test_links_and_etags_are_those_of_the_selection(api: Api) -> None:
    whole, some = api.get(f"{USERS}?limit=1"), api.get(f"{USERS}?limit=1&fields=familyName")
    assert whole.headers["ETag"] != some.headers["ETag"]
    assert "fields=familyName" in some.headers["Link"]
    assert some.headers["X-Total-Count"] == whole.headers["X-Total-Count"]
