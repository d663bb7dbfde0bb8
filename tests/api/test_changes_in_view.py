"""The change feed as a client limited to organisations is told of it: what it sees, all of it, and nothing else.

What is in its view is written down by hand in `divided`.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from psycopg.sql import SQL, Identifier
from werkzeug.test import TestResponse

from api import opaque, paging
from api.feed import pages
from pipelines.oneroster import scopes
from pipelines.oneroster.registry import BY_NAME, ENTITIES, owner_of
from tests.api import divided
from tests.api.conftest import Api, serving, settings_for
from tests.api.divided import OF_SCHOOL_A
from tests.api.roster import SOURCE, Roster

URL = f"/sources/{SOURCE}/changes"

LISTED = [entity.name for entity in ENTITIES if owner_of(entity) is None]

Changes = list[tuple[str, str, list[str]]]
Told = tuple[int, str, str, str]  # generation, collection, kind, sourcedId

# What the second and later generations did: rows of the feed, whose ids are in any order within a row.
LATER: tuple[Changes, ...] = (
    [
        ("users", "changed", ["guardian-b", "aide-a", "gone", "guardian-a"]),
        ("users", "changed", ["student-b", "student-a", "guest"]),
        ("enrollments", "deleted", ["a-former", "b-teacher"]),
        ("enrollments", "purged", ["a-forgotten", "b-forgotten"]),
    ],
    [("orgs", "changed", ["district"]), ("users", "changed", ["student-b"]), ("results", "deleted", ["result-b"])],
    [
        ("classes", "changed", ["class-b", "class-a"]),
        ("users", "deleted", ["gone"]),
        ("users", "returned", ["former", "guest"]),
        ("resources", "changed", ["of-nobody", "of-class-b", "of-class-a"]),
    ],
)


@pytest.fixture
def district(roster: Roster) -> Roster:
    """The divided district with a feed of four generations. The first created every record, each in a row."""
    divided.fill(roster, SOURCE)
    roster.tell(*created(roster))
    for changes in LATER:
        roster.publish()
        roster.tell(*changes)
    return roster


@pytest.fixture
def api(district: Roster) -> Iterator[Api]:
    """Asked by the client that is limited to school A."""
    with serving(settings_for(district.url), district.key("of-a", orgs=["school-a"])) as served:
        yield served


def created(roster: Roster) -> Changes:
    return [(name, "created", [id]) for name in LISTED for id in stored(roster, name)]


def stored(roster: Roster, entity: str) -> list[str]:
    query = SQL("SELECT sourced_id FROM {} WHERE source = %s ORDER BY 1").format(Identifier(BY_NAME[entity].table))
    return [id for (id,) in roster.connection.execute(query, [SOURCE])]


def expected(roster: Roster) -> list[Told]:
    """All that happened to what school A sees, in the order of the feed."""
    happened = [
        (generation, LISTED.index(entity), kind, id)
        for generation, changes in enumerate((created(roster), *LATER), 1)
        for entity, kind, ids in changes
        for id in ids
        if id in OF_SCHOOL_A[entity]
    ]
    return [(generation, LISTED[rank], kind, id) for generation, rank, kind, id in sorted(happened)]


def get(api: Api, query: str) -> TestResponse:
    response = api.get(f"{URL}?{query}")
    assert response.status_code == 200, response.text
    return response


def told(response: TestResponse) -> list[Told]:
    changes = response.get_json()["changes"]
    return [(one["generation"], one["collection"], one["kind"], one["sourcedId"]) for one in changes]


def following(response: TestResponse) -> str | None:
    found = re.search(r'<https://hub\.example[^>]*\?([^>]*)>; rel="next"', response.headers["Link"])
    return found[1] if found else None


def crawl(api: Api, query: str) -> Iterator[list[Told]]:
    asked: str | None = query
    while asked:
        response = get(api, asked)
        yield told(response)
        asked = following(response)


def place(*values: object) -> str:
    """The parameter that names a place, as whoever looks into links might make it up."""
    return f"after={opaque.written(values)}"


def answer(api: Api, query: str) -> tuple[int, str, dict[str, str]]:
    """Everything that a client can see of an answer, but for what is of the request alone."""
    response = api.get(f"{URL}?{query}")
    own = ("X-Request-Id", "Date", "RateLimit-Remaining", "RateLimit-Reset")
    return response.status_code, response.text, {name: value for name, value in response.headers if name not in own}


# What is told


def test_a_limited_client_is_told_of_what_it_sees(api: Api, district: Roster) -> None:
    found = told(get(api, "since=0&limit=1000"))
    assert found == expected(district)
    first = {name: {id for generation, of, _, id in found if (generation, of) == (1, name)} for name in LISTED}
    assert first == {name: OF_SCHOOL_A[name] for name in LISTED}
    assert (2, "enrollments", "deleted", "a-former") in found  # a tombstone


def test_what_is_purged_is_not_told_of(api: Api, district: Roster) -> None:
    district.connection.execute("DELETE FROM enrollments WHERE sourced_id = 'a-former'")
    found = told(get(api, "since=0&limit=1000"))
    assert found == [one for one in expected(district) if one[3] != "a-former"]


def test_what_leaves_the_view_is_no_longer_told_of(api: Api, district: Roster) -> None:
    district.connection.execute("UPDATE classes SET school_sourced_id = 'school-b' WHERE sourced_id = 'class-a'")
    assert "classes" not in {collection for _, collection, _, _ in told(get(api, "since=0&limit=1000"))}


@pytest.mark.parametrize("orgs", [[], ["nowhere"], ["school-a "]])
def test_a_limit_to_nothing_that_exists_tells_of_no_organisations_records(district: Roster, orgs: list[str]) -> None:
    with serving(settings_for(district.url), district.key("k", orgs=orgs)) as api:
        found = {collection for _, collection, _, _ in told(get(api, "since=0&limit=1000"))}
    assert found == {"academicSessions", "categories"}


def test_descendants_are_told_of(district: Roster) -> None:
    with serving(settings_for(district.url), district.key("k", orgs=["district"])) as api:
        found = {id for _, collection, _, id in told(get(api, "since=0&limit=1000")) if collection == "orgs"}
    assert found == {"district", "school-a", "dept-a", "school-b"}


def test_scopes_go_for_limited_clients_too(district: Roster) -> None:
    key = district.key("k", orgs=["school-a"], scopes=[scopes.BY_NAME["roster.readonly"].uri])
    kept = {"academicSessions", "orgs", "courses", "classes", "users", "enrollments"}
    with serving(settings_for(district.url), key) as api:
        found = [one for page in crawl(api, "since=0&limit=5") for one in page]
        assert found == [one for one in expected(district) if one[1] in kept]
        hidden = answer(api, f"since=0&{place(1, 'demographics', 'created', 'student-a')}")
        assert hidden == answer(api, f"since=0&{place(1, 'enrollments', 'changed', '')}")


# Pages


@pytest.mark.parametrize("since", [0, 1, 2])
@pytest.mark.parametrize("limit", [1, 2, 7, 30])
def test_following_next_meets_every_visible_change_once(api: Api, district: Roster, since: int, limit: int) -> None:
    found = list(crawl(api, f"since={since}&limit={limit}"))
    assert [one for page in found for one in page] == [one for one in expected(district) if one[0] > since]
    assert {len(page) for page in found[:-1]} <= {limit}
    assert found[-1]


def test_next_is_there_only_if_something_visible_follows(api: Api, district: Roster) -> None:
    number = len(expected(district))
    assert following(get(api, f"since=0&limit={number}")) is None
    assert following(get(api, f"since=0&limit={number - 1}")) is not None
    assert told(get(api, "since=2&limit=1"))[0][0] == 4  # of the third generation there is nothing to tell


def test_there_is_no_total(api: Api) -> None:
    assert "X-Total-Count" not in get(api, "since=0").headers
    assert "X-Total-Count" not in api.get(f"{URL}?since=0", method="HEAD").headers


def test_the_record_told_last_may_be_gone_when_one_goes_on(api: Api, district: Roster) -> None:
    number = next(at for at, one in enumerate(expected(district), 1) if one[1] == "enrollments")
    first = get(api, f"since=0&limit={number}")
    district.connection.execute("DELETE FROM enrollments WHERE sourced_id = %s", [told(first)[-1][3]])
    rest = [one for page in crawl(api, following(first) or "") for one in page]
    assert rest == [one for one in expected(district)[number - 1 :] if one[3] != told(first)[-1][3]]


def test_a_publication_amid_the_pages_comes_behind_them(api: Api, district: Roster) -> None:
    first = get(api, "since=3&limit=2")
    district.publish()
    district.tell(("users", "changed", ["student-b", "student-a"]))
    assert list(crawl(api, following(first) or ""))[-1][-1] == (5, "users", "changed", "student-a")


def test_the_answer_can_be_asked_for_again(api: Api) -> None:
    response = get(api, "since=0")
    assert response.headers["X-Roster-Generation"] == "4"
    again = api.get(f"{URL}?since=0", If_None_Match=response.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_since_is_judged_as_for_others(api: Api, district: Roster) -> None:
    assert told(get(api, "since=4")) == []
    assert api.get(f"{URL}?since=5").status_code == 400
    district.connection.execute("DELETE FROM changes WHERE generation = 1")
    assert api.get(f"{URL}?since=0").status_code == 410


@pytest.mark.parametrize("query", ["since=0&limit=4", "since=0&limit=30", "since=0&limit=999999999", "since=4&limit=2",
                                   f"since=1&limit=3&{place(2, 'users', 'changed', 'b')}"])  # fmt: skip
def test_a_streamed_answer_is_the_page_it_stands_for(api: Api, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = answer(api, query)
    monkeypatch.setattr(paging, "STREAMED_ABOVE", 1)
    monkeypatch.setattr(pages, "CHUNK", 3)
    streamed = api.get(f"{URL}?{query}")
    assert streamed.is_streamed
    assert streamed.text == whole[1]
    assert streamed.headers["Link"] == whole[2]["Link"]
    assert "X-Total-Count" not in streamed.headers


# Nothing else can be found out


def questions(roster: Roster) -> Iterator[str]:
    """Pages of several sizes, from the beginning and from places of all kinds."""
    for limit in (1, 3, 1000):
        yield from (f"since={since}&limit={limit}" for since in range(5))
    for name in LISTED:
        for id in stored(roster, name):
            yield from (f"since=0&limit=2&{place(g, name, kind, id)}" for g, kind in ((1, "created"), (2, "changed")))


def test_what_is_invisible_changes_no_answer(api: Api, district: Roster) -> None:
    """A feed from which all that is invisible was taken answers the same, links included."""
    asked = list(questions(district))
    before = [answer(api, query) for query in asked]
    assert {status for status, *_ in before} == {200}
    for name in LISTED:
        district.connection.execute(
            "UPDATE changes SET ids = ARRAY (SELECT id FROM unnest(ids) id WHERE id = ANY (%s)) WHERE entity = %s",
            [list(OF_SCHOOL_A[name]), name],
        )
    district.connection.execute("DELETE FROM changes WHERE ids = '{}'")
    assert [answer(api, query) for query in asked] == before


@pytest.mark.parametrize("limit", [1, 1000])
def test_a_place_made_up_leads_to_the_same_whether_a_record_is_there_or_not(
    api: Api, district: Roster, limit: int
) -> None:
    for name in LISTED:
        for id in set(stored(district, name)) - OF_SCHOOL_A[name]:
            there, nowhere = (place(1, name, "created", one) for one in (id, f"{id}\x01"))
            assert answer(api, f"since=0&limit={limit}&{there}") == answer(api, f"since=0&limit={limit}&{nowhere}")


def test_places_in_generations_that_did_nothing_visible_lead_to_what_follows(api: Api) -> None:
    rest = answer(api, "since=3")[:2]
    for made_up in (
        *(place(3, "users", "changed", "student-b"), place(3, "users", "changed", "student-c")),
        *(place(3, "orgs", "created", "x"), place(3, "roles", "purged", ""), place(2, "results", "returned", "x")),
    ):
        assert answer(api, f"since=2&{made_up}")[:2] == rest
    assert told(get(api, f"since=0&{place(10**18 - 1, 'orgs', 'created', 'a')}")) == []


def test_a_place_never_leads_back_before_since(api: Api) -> None:
    assert answer(api, f"since=3&{place(1, 'orgs', 'created', '')}")[:2] == answer(api, "since=3")[:2]


@pytest.mark.parametrize(
    "values",
    [
        [],
        [1, "users", "created"],
        [1, "users", "created", "a", "b"],
        ["1", "users", "created", "a"],
        [True, "users", "created", "a"],
        [1.5, "users", "created", "a"],
        [-1, "users", "created", "a"],
        [10**18, "users", "created", "a"],
        [1, "nothing", "created", "a"],
        [1, ["users"], "created", "a"],
        [1, "users", "born", "a"],
        [1, "users", None, "a"],
        [1, "users", "created", None],
        [1, "users", "created", "a\0"],
    ],
)
def test_what_is_no_place(api: Api, values: list[Any]) -> None:
    refuse(api, place(*values))


@pytest.mark.parametrize("text", ["", "1.2.3", "x", "WzE", "NQ", "eyJhIjoxfQ", "\u0661", "W1tbW1tb" * 100])
def test_what_is_no_text_of_a_place(api: Api, text: str) -> None:
    refuse(api, f"after={quote(text)}")


def test_the_places_of_limited_clients_are_none_of_others(api: Api, district: Roster) -> None:
    after = following(get(api, "since=0&limit=1"))
    response = api.get(f"{URL}?{after}", key=district.key("whole"))
    assert response.status_code == 400


def refuse(api: Api, after: str) -> None:
    response = api.get(f"{URL}?since=0&{after}")
    assert response.status_code == 400
    assert "after is no place" in response.get_json()["imsx_description"]
