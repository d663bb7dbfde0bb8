"""The view in the shape of 1.1: what records look like, and that every path of 1.1 leads to what it says."""

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from api import editions
from api.collections import ENDPOINTS, V1P1_ENDPOINTS, Endpoint
from api.editions import V1P1
from pipelines.oneroster import v1p1
from pipelines.oneroster.registry import BY_NAME
from pipelines.roster.migrations import upgrade
from tests.api import v1p1_form
from tests.api.conftest import ROSTERING, Api, serving, settings_for
from tests.api.roster import Roster, fill_everything, full, opened
from tests.api.v1p1_roster import USERS, fill_users
from tests.servers import PostgresServer

V1 = "/ims/oneroster/v1p1"
HUB = "https://hub.example"
MOMENT = "2026-08-01T04:05:06.000Z"


@pytest.fixture(scope="module")
def api(postgres_server: PostgresServer) -> Iterator[Api]:
    """One database for all tests here: they only read."""
    template = postgres_server.migrated(upgrade)
    with postgres_server.database(template) as url, opened(url) as roster, serving(settings_for(url)) as api:
        roster.key()
        fill_everything(roster)
        fill_users(roster)
        yield api


def ref(collection: str, id: str, type: str, prefix: str = "") -> dict[str, str]:
    return {"href": f"{HUB}{prefix}{V1}/{collection}/{id}", "sourcedId": id, "type": type}


def test_it_has_the_41_paths_of_the_rostering_service() -> None:
    rostering = {endpoint.template.removeprefix(ROSTERING) for endpoint in ENDPOINTS if ROSTERING in endpoint.template}
    assert {endpoint.template.removeprefix(V1) for endpoint in V1P1_ENDPOINTS} == rostering
    assert len(V1P1_ENDPOINTS) == 41


@pytest.mark.parametrize(
    "path", ["resources", "categories", "lineItems", "results", "classes/1/resources", "roles", ""]
)
def test_nothing_else_is_there(api: Api, path: str) -> None:
    response = api.get(f"{V1}/{path}")
    assert response.status_code == 404
    assert v1p1_form.faults(v1p1_form.ERROR, response.json) == []


@pytest.mark.parametrize("endpoint", V1P1_ENDPOINTS, ids=lambda endpoint: endpoint.template)
def test_every_path_answers_in_the_form_of_1_1(api: Api, endpoint: Endpoint) -> None:
    entity = endpoint.collection.entity
    answered = set()
    for ids in _ids(api, endpoint):
        response = api.get(endpoint.path(ids))
        answered.add(response.status_code)
        single = v1p1_form.single(entity.singular, entity.name)
        form = single if endpoint.single else v1p1_form.collection(entity.name)
        schema = form if response.status_code == 200 else v1p1_form.ERROR
        assert v1p1_form.faults(schema, response.json) == []
    assert 200 in answered


def _ids(api: Api, endpoint: Endpoint) -> Iterator[tuple[str, ...]]:
    """The ids of everything that there is, by way of the endpoint's parameters."""
    collections = endpoint.parents or ((endpoint.collection,) if endpoint.single else ())
    found = [
        [record["sourcedId"] for record in api.json(collection.path)[collection.entity.name]]
        for collection in collections
    ]
    return itertools.product(*found)


def test_a_user_as_1_1_has_it(api: Api) -> None:
    assert api.json(f"{V1}/users/several") == {
        "user": {
            "sourcedId": "several",
            "status": "active",
            "dateLastModified": MOMENT,
            "metadata": {"jp.kanaGivenName": "ハナ"},
            "enabledUser": "true",
            "orgs": [ref("orgs", "south", "org"), ref("orgs", "district", "org"), ref("orgs", "north", "org")],
            "role": "teacher",
            "username": "u-several",
            "userIds": [{"type": "LDAP", "identifier": "uid:1"}],
            "givenName": "Hana",
            "familyName": "Itō",
            "middleName": "M",
            "identifier": "9-1",
            "email": "hana@example.org",
            "sms": "1",
            "phone": "2",
            "agents": [ref("users", "librarian", "user")],
            "grades": ["09"],
        }
    }


@pytest.mark.parametrize("id", USERS)
def test_the_role_and_the_orgs_of_awkward_users(api: Api, id: str) -> None:
    user = api.json(f"{V1}/users/{id}")["user"]
    assert (user["role"], tuple(org["sourcedId"] for org in user["orgs"])) == (USERS[id].role, USERS[id].orgs)


def test_other_records_as_1_1_has_them(api: Api) -> None:
    id, path = full("class"), "class%2Ffull%401"
    course = {"href": f"{HUB}{V1}/courses/course%2Ffull%401", "sourcedId": full("course"), "type": "course"}
    shown = api.json(f"{V1}/classes/{path}")["class"]
    assert (shown["sourcedId"], shown["course"]) == (id, course)
    assert "resources" not in shown
    assert "resources" in api.json(f"{ROSTERING}/classes/{path}")["class"]
    assert set(api.json(f"{V1}/academicSessions/term-1")["academicSession"]) == {
        *("sourcedId", "status", "dateLastModified", "title", "type", "startDate", "endDate", "schoolYear")
    }


@pytest.mark.parametrize(
    ("path", "property_", "told"),
    [
        ("enrollments/observed", "role", "proctor"),
        ("academicSessions/trimester", "type", "semester"),
        ("orgs/consortium", "type", "local"),
        ("classes/club", "classType", "scheduled"),
        ("demographics/several", "sex", None),
    ],
)
def test_words_that_1_1_does_not_have_are_said_in_words_that_it_has(
    api: Api, path: str, property_: str, told: str | None
) -> None:
    (record,) = api.json(f"{V1}/{path}").values()
    assert record.get(property_) == told
    (in_1_2,) = api.json(f"{ROSTERING}/{path}").values()
    assert in_1_2[property_] != told


def test_every_word_list_that_1_1_has_shorter_has_a_wording() -> None:
    longer = {
        (entity.name, column.name)
        for entity in V1P1.entities.values()
        for column in entity.content
        if column.vocabulary and column.vocabulary != _in_1_2(entity.name, column.name)
    }
    assert longer == set(v1p1.WORDINGS)


def _in_1_2(entity: str, column: str) -> object:
    known = BY_NAME[entity]
    return known.column(column).vocabulary if column in known.header else None


@pytest.mark.parametrize("prefix", ["", "/sources/north"])
def test_references_lead_to_records_of_this_view(api: Api, prefix: str) -> None:
    followed = set()
    for name in V1P1.entities:
        for record in api.json(f"{prefix}{V1}/{name}")[name]:
            for value in record.values():
                followed |= {_href(item) for item in (value if isinstance(value, list) else [value])} - {""}
    paths = {href.removeprefix(HUB) for href in followed}
    assert paths
    assert all(path.startswith(f"{prefix}{V1}/") for path in paths)
    assert [path for path in paths if api.get(path).status_code != 200] == []


def _href(value: Any) -> str:
    return value.get("href", "") if isinstance(value, dict) else ""


def test_links_stay_in_the_view_and_source(api: Api) -> None:
    path = f"/sources/north{V1}/users"
    seen, following = [], f"{path}?limit=3&filter=role!='student'"
    while following:
        response = api.get(following)
        seen += [user["sourcedId"] for user in response.get_json()["users"]]
        links = dict(part.split("; ")[::-1] for part in response.headers["Link"].split(", "))
        url = urlsplit(links.get('rel="next"', "").strip("<>"))
        assert url.path in {"", path}
        following = f"{url.path}?{url.query}" if url.path else ""
    assert len(seen) > 6
    assert seen == sorted(set(seen))
    assert response.headers["X-Total-Count"] == str(len(seen))


def test_tombstones_that_came_with_their_id_alone_show_what_is_left(roster: Roster) -> None:
    roster.publish()
    roster.insert("users", "gone", {}, status="tobedeleted")
    roster.insert("users", "left", {"primaryOrgSourcedId": "s"}, status="tobedeleted")
    roster.insert("roles", "left", {"userSourcedId": "left"}, status="tobedeleted")
    with serving(settings_for(roster.url)) as api:
        gone, left = api.json(f"{V1}/users")["users"]
    assert set(gone) == {"sourcedId", "status", "dateLastModified"}
    assert [org["sourcedId"] for org in left["orgs"]] == ["s"]
    assert "role" not in left


def test_every_entity_belongs_to_the_edition_that_declares_it() -> None:
    assert all(editions.declaring(entity) is V1P1 for entity in V1P1.entities.values())
    assert all(editions.declaring(entity) is editions.V1P2 for entity in BY_NAME.values())
