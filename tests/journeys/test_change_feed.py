"""A client that follows the change feed hears of exactly the records whose dateLastModified moved."""

import dataclasses
from typing import Any

from api.collections import COLLECTIONS
from tests.api.conftest import Api
from tests.journeys.line import DATE, SOURCE, Line, Snapshot, snapshot
from tests.pipelines.district import District

OWN = {collection.name for collection in COLLECTIONS if collection.name == collection.entity.name}
FEED = f"/sources/{SOURCE}/changes"


def followed(api: Api, since: int) -> tuple[list[Any], int]:
    """What the feed tells, read in small pages, and where it ends."""
    told: list[Any] = []
    path, generation = f"{FEED}?since={since}&limit=3", since
    while path:
        answer = api.get(path)
        assert answer.status_code == 200, answer.text
        told += answer.get_json()["changes"]
        generation = answer.get_json()["generation"]
        path = answer.headers["Link"].partition('rel="first", <https://hub.example')[2].partition(">")[0]
    return told, generation


def records(api: Api) -> Snapshot:
    """Everything that the API shows, each record under its own collection only."""
    return {name: record for name, record in snapshot(api).items() if name.partition("/")[0] in OWN}


def delta() -> District:
    district = District().only("users", "roles").delta()
    district.rows["users"] = [
        {**district.row("users", "pupil1"), "givenName": "Bob"},
        {**district.row("users", "guardian"), "sourcedId": "aunt", "username": "aunt"},
    ]
    district.rows["roles"] = [{**district.row("roles", "r4"), "sourcedId": "r5", "userSourcedId": "aunt"}]
    return district


STORY = (
    District(),
    District().change("roles", "r2", beginDate="2025-08-02").change("orgs", "north", name="N"),
    District().remove("enrollments", "e3").change("academicSessions", "period", type="term"),
    delta(),
    District().remove("enrollments", "e2").change("demographics", "pupil1", birthDate="2011-02-04"),
    District(),
)


def test_the_feed_tells_of_exactly_the_records_whose_date_moved(line: Line, api: Api) -> None:
    before: Snapshot = {}
    generation = 0
    for bundle in STORY:
        assert line.take(bundle).outcome == "published"
        after = records(api)
        told, generation = followed(api, generation)
        names = [f"{one['collection']}/{one['sourcedId']}" for one in told]
        assert len(set(names)) == len(names)
        assert set(names) == {
            name for name, record in after.items() if name not in before or before[name][DATE] != record[DATE]
        }
        for name, one in zip(names, told, strict=True):
            assert (one["generation"], one[DATE]) == (generation, after[name][DATE])
            assert (one["kind"] == "created") == (name not in before)
            assert (one["kind"] == "deleted") == (after[name]["status"] == "tobedeleted")
        before = after


def test_a_client_limited_to_a_school_hears_of_those_that_it_sees(line: Line, api: Api) -> None:
    limited = dataclasses.replace(api, key=line.key(orgs=("north",)))
    generation = 0
    for bundle in STORY:
        line.take(bundle)
        everything, _ = followed(api, generation)
        told, generation = followed(limited, generation)
        visible = records(limited)
        assert told == [one for one in everything if f"{one['collection']}/{one['sourcedId']}" in visible]
        assert told
    assert "orgs/south" not in visible


def test_a_client_that_was_away_reads_several_generations_in_order(line: Line, api: Api) -> None:
    for bundle in STORY:
        line.take(bundle)
    told, generation = followed(api, 1)
    assert generation == len(STORY)
    assert sorted({one["generation"] for one in told}) == [2, 3, 4, 5, 6]
    assert [one["generation"] for one in told] == sorted(one["generation"] for one in told)
    assert followed(api, generation) == ([], generation)


def test_a_publication_amid_the_pages_comes_behind_them(line: Line, api: Api) -> None:
    line.take(District())
    first = api.get(f"{FEED}?since=0&limit=5")
    line.take(District().change("orgs", "north", name="N"))
    following = first.headers["Link"].rpartition("<https://hub.example")[2].partition(">")[0]
    rest = api.get(following.replace("limit=5", "limit=1000"))
    told = first.get_json()["changes"] + rest.get_json()["changes"]
    assert rest.headers["X-Roster-Generation"] == "2"
    assert (told[-1]["sourcedId"], told[-1]["generation"]) == ("north", 2)
    assert len(told) == int(rest.headers["X-Total-Count"])
