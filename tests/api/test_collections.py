"""Which records a collection has, and what is shown inside them."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from api.collections import COLLECTIONS, Condition
from api.settings import Settings
from pipelines.oneroster.registry import ENTITIES, WITHOUT_FILE
from tests.api.conftest import GRADEBOOK, RESOURCES, ROSTERING, Api, serving
from tests.api.roster import MOMENT, Roster, fill_everything, full


def ids(body: Any) -> list[str]:
    (records,) = body.values()
    return [record["sourcedId"] for record in records]


@pytest.fixture
def filled(roster: Roster) -> Roster:
    fill_everything(roster)
    return roster


def test_every_entity_is_served_by_itself_or_inside_another() -> None:
    whole = {collection.entity.name for collection in COLLECTIONS if collection.condition is None}
    inside = {entity.name for collection in COLLECTIONS for entity in collection.embedded}
    assert not whole & inside
    assert whole | inside == {entity.name for entity in (*ENTITIES, *WITHOUT_FILE)}


def test_conditions_are_about_columns_that_exist() -> None:
    for collection in COLLECTIONS:
        condition = collection.condition or Condition("sourcedId", "")
        entities = {entity.name: entity for entity in collection.embedded}
        assert entities.get(condition.embedded, collection.entity).column(condition.column)


def test_embedded_entities_have_no_url(filled: Roster, api: Api) -> None:
    for path in (f"{ROSTERING}/roles", f"{RESOURCES}/classResources", f"{GRADEBOOK}/lineItemScoreScales"):
        assert api.get(path).status_code == 404


def test_named_collections_are_parts_of_whole_ones(filled: Roster, api: Api) -> None:
    assert ids(api.json(f"{ROSTERING}/terms")) == ["term-1"]
    assert ids(api.json(f"{ROSTERING}/schools")) == ["school-1"]
    assert ids(api.json(f"{ROSTERING}/students")) == ["student"]
    assert ids(api.json(f"{ROSTERING}/teachers")) == ["teacher"]
    assert ids(api.json(f"{ROSTERING}/gradingPeriods")) == ["academicSession-bare", full("academicSession")]


@pytest.mark.parametrize("path", ["schools/org-bare", "terms/academicSession-bare", "students/teacher", "orgs/nobody"])
def test_a_record_of_another_kind_is_not_there(filled: Roster, api: Api, path: str) -> None:
    response = api.get(f"{ROSTERING}/{path}")
    assert response.status_code == 404
    assert (
        response.get_json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == "unknownobject"
    )


def test_tombstones_are_served(filled: Roster, api: Api) -> None:
    filled.insert("orgs", "gone", {"name": "N", "type": "school"}, status="tobedeleted")
    assert api.json(f"{ROSTERING}/orgs/gone")["org"]["status"] == "tobedeleted"
    assert ids(api.json(f"{ROSTERING}/schools")) == ["gone", "school-1"]


def test_only_active_embedded_rows_are_shown(filled: Roster, api: Api) -> None:
    link = {"classSourcedId": "class-bare", "resourceSourcedId": "old"}
    filled.insert("classResources", "old", link, status="tobedeleted")
    shown = api.json(f"{ROSTERING}/classes/class-bare")["class"]["resources"]
    assert [ref["sourcedId"] for ref in shown] == [full("resource")]


def test_an_active_role_hides_deleted_ones(filled: Roster, api: Api) -> None:
    filled.role("old", "teacher", "student", status="tobedeleted")
    assert [role["role"] for role in api.json(f"{ROSTERING}/users/teacher")["user"]["roles"]] == ["teacher"]
    assert ids(api.json(f"{ROSTERING}/students")) == ["student"]


def test_without_an_active_role_those_deleted_last_are_shown(filled: Roster, api: Api) -> None:
    filled.user("left")
    filled.role("1", "left", "teacher", status="tobedeleted")
    filled.publish()
    filled.role("3", "left", "student", status="tobedeleted")
    filled.role("2", "left", "aide", status="tobedeleted")
    user = api.json(f"{ROSTERING}/users/left")["user"]
    assert [role["role"] for role in user["roles"]] == ["aide", "student"]
    assert ids(api.json(f"{ROSTERING}/students")) == ["left", "student"]
    assert ids(api.json(f"{ROSTERING}/teachers")) == ["teacher"]
    assert api.json(f"{ROSTERING}/students/left") == {"user": user}


def test_embedded_rows_are_ordered_by_content_not_by_id(filled: Roster, api: Api) -> None:
    filled.user("many")
    for id, role in (("1", "teacher"), ("2", "aide"), ("3", "student")):
        filled.role(f"many-{id}", "many", role)
    roles = api.json(f"{ROSTERING}/users/many")["user"]["roles"]
    assert [role["role"] for role in roles] == ["aide", "student", "teacher"]


def test_rows_belong_to_their_own_source(filled: Roster, api: Api) -> None:
    filled.publish("south")
    filled.user("student", "aide", source="south")
    user = api.json(f"/sources/south{ROSTERING}/users/student")["user"]
    assert [role["role"] for role in user["roles"]] == ["aide"]
    assert user["roles"][0]["org"]["href"].startswith(f"https://hub.example/sources/south{ROSTERING}/orgs/")
    assert ids(api.json(f"/sources/south{ROSTERING}/students")) == []


def test_without_a_public_url_links_start_as_the_client_asked(filled: Roster, settings: Settings) -> None:
    with serving(dataclasses.replace(settings, public_url=None)) as api:
        body = api.get(f"{ROSTERING}/users/student", Host="hub.internal:3000").get_json()
        assert body["user"]["roles"][0]["org"]["href"].startswith(f"http://hub.internal:3000{ROSTERING}/orgs/")
        assert api.get(f"{ROSTERING}/users/student", Host="a b/<c>").status_code == 400


def test_the_date_is_the_moment_of_the_publication_that_changed_the_record(filled: Roster, api: Api) -> None:
    filled.publish(moment=MOMENT + dt.timedelta(days=1, microseconds=1500))
    filled.insert("orgs", "new", {"name": "N", "type": "school"})
    assert api.json(f"{ROSTERING}/orgs/school-1")["org"]["dateLastModified"] == "2026-08-01T04:05:06.000Z"
    assert api.json(f"{ROSTERING}/orgs/new")["org"]["dateLastModified"] == "2026-08-02T04:05:06.001Z"


def test_a_line_item_names_its_session_by_the_sessions_type(filled: Roster, api: Api) -> None:
    filled.connection.execute(
        "UPDATE line_items SET academic_session_sourced_id = 'term-1' WHERE sourced_id LIKE '%bare'"
    )
    line_items = api.json(f"{GRADEBOOK}/lineItems")["lineItems"]
    assert line_items[0]["academicSession"]["sourcedId"] == "term-1"
    assert line_items[1]["gradingPeriod"]["sourcedId"] == full("academicSession")


def test_a_whole_collection_says_the_total_of_its_generation(api: Api, filled: Roster) -> None:
    filled.connection.execute("INSERT INTO totals SELECT source, 'users', generation, 777 FROM sources")
    assert api.get(f"{ROSTERING}/users").headers["X-Total-Count"] == "777"
    for narrower in ("users?filter=status='active'", "students", "teachers"):
        assert int(api.get(f"{ROSTERING}/{narrower}").headers["X-Total-Count"]) < 777


def test_another_generations_total_is_not_said(api: Api, filled: Roster) -> None:
    filled.connection.execute("INSERT INTO totals SELECT source, 'users', generation + 1, 777 FROM sources")
    answer = api.get(f"{ROSTERING}/users?limit=1000")
    assert int(answer.headers["X-Total-Count"]) == len(ids(answer.json))
