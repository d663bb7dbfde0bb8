"""The change feed over HTTP: pages, links, what is refused, and what scopes and sources open.

What clients limited to organisations are told of is in test_changes_in_view.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from api import paging
from api.feed import pages
from api.feed.whole import Taken
from pipelines.contract import CHANGES_IN_A_ROW
from pipelines.oneroster import scopes
from tests.api.conftest import Api
from tests.api.roster import SOURCE, Roster

URL = f"/sources/{SOURCE}/changes"


def write(roster: Roster, *changes: tuple[str, str, list[str]]) -> None:
    """A generation that did those things."""
    roster.publish()
    roster.tell(*changes)


@pytest.fixture(autouse=True)
def generations(roster: Roster) -> None:
    write(roster, ("orgs", "created", ["a", "b/1"]), ("users", "created", ["u1", "u2", "u3"]))
    write(roster, ("users", "changed", ["u2"]), ("users", "deleted", ["u3"]), ("demographics", "created", ["u1"]))
    write(roster)
    write(roster, ("orgs", "purged", ["a"]))


def get(api: Api, **parameters: object) -> Any:
    response = api.get(f"{URL}?{urlencode(parameters)}")
    assert response.status_code == 200, response.text
    return response


def ids(response: Any) -> list[str]:
    return [change["sourcedId"] for change in response.get_json()["changes"]]


def crawl(api: Api, since: int, limit: int) -> Iterator[list[str]]:
    path: str | None = f"{URL}?since={since}&limit={limit}"
    while path:
        response = api.get(path)
        assert response.status_code == 200, response.text
        assert response.headers["X-Total-Count"] == "9" if since == 0 else "4"
        yield ids(response)
        found = re.search(r'<https://hub\.example([^>]*)>; rel="next"', response.headers["Link"])
        path = found[1] if found else None


def test_a_change_says_what_when_and_where(api: Api) -> None:
    body = get(api, since=3).get_json()
    assert body == {
        "changes": [
            {
                "entity": "org",
                "collection": "orgs",
                "sourcedId": "a",
                "kind": "purged",
                "generation": 4,
                "dateLastModified": "2026-08-01T04:05:06.000Z",
                "href": "https://hub.example/sources/north/ims/oneroster/rostering/v1p2/orgs/a",
            }
        ],
        "generation": 4,
    }


def test_ids_are_encoded_in_hrefs(api: Api) -> None:
    assert get(api, since=0).get_json()["changes"][1]["href"].endswith("/orgs/b%2F1")


def test_only_later_generations_are_told_of(api: Api) -> None:
    assert ids(get(api, since=0)) == ["a", "b/1", "u1", "u2", "u3", "u2", "u3", "u1", "a"]
    assert ids(get(api, since=1)) == ["u2", "u3", "u1", "a"]
    assert ids(get(api, since=2)) == ["a"]
    assert ids(get(api, since=4)) == []
    assert get(api, since=1).headers["X-Total-Count"] == "4"
    assert get(api, since=4).headers["X-Total-Count"] == "0"


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 8, 9, 100])
@pytest.mark.parametrize("since", [0, 1])
def test_following_next_meets_every_change_once(api: Api, since: int, limit: int) -> None:
    found = list(crawl(api, since, limit))
    assert [id for page in found for id in page] == ids(get(api, since=since))
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)


def test_links_repeat_the_parameters(api: Api) -> None:
    start = f"https://hub.example{URL}?since=0&limit=4"
    assert get(api, since=0, limit=4).headers["Link"] == f'<{start}>; rel="first", <{start}&after=1.2.2>; rel="next"'


def test_the_answer_says_its_generation_and_can_be_asked_for_again(api: Api) -> None:
    response = get(api, since=0)
    assert response.headers["X-Roster-Generation"] == "4"
    assert response.headers["Cache-Control"] == "private, no-cache"
    again = api.get(f"{URL}?since=0", If_None_Match=response.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_head_has_the_headers_of_get(api: Api) -> None:
    got, head = get(api, since=0), api.get(f"{URL}?since=0", method="HEAD")
    assert head.data == b""
    for header in ("X-Total-Count", "Link", "ETag", "Content-Length", "X-Roster-Generation"):
        assert head.headers[header] == got.headers[header]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "since is missing"),
        ("since=", "since is not a whole number"),
        ("since=-1", "since is not a whole number"),
        ("since=x", "since is not a whole number"),
        ("since=1&since=2", "since is given more than once"),
        ("since=5", "the current generation, which is 4"),
        ("since=0&limit=0", "limit is less than 1"),
        ("since=0&after=x", "after is no place"),
        ("since=0&after=1.1.1001", "after is no place"),
        ("since=0&after=1.1", "after is no place"),
        ("since=0&after=%D9%A1.1.1", "after is no place"),
        ("since=%FF", "UTF-8"),
    ],
)
def test_what_cannot_be_asked(api: Api, query: str, said: str) -> None:
    response = api.get(f"{URL}?{query}")
    assert response.status_code == 400
    assert said in response.get_json()["imsx_description"]
    assert response.get_json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == "invaliddata"


def test_what_is_no_longer_kept_is_gone(api: Api, roster: Roster) -> None:
    roster.connection.execute("DELETE FROM changes WHERE generation = 1")
    assert ids(get(api, since=1)) == ["u2", "u3", "u1", "a"]
    response = api.get(f"{URL}?since=0")
    assert response.status_code == 410
    assert "go on with since=4" in response.get_json()["imsx_description"]


def test_a_source_whose_generations_came_before_the_feed(api: Api, roster: Roster) -> None:
    roster.connection.execute("DELETE FROM changes")
    assert api.get(f"{URL}?since=3").status_code == 410
    assert ids(get(api, since=4)) == []


def test_after_never_leads_back_before_since(api: Api) -> None:
    assert ids(get(api, since=2, after="1.1.0")) == ["a"]


def test_a_place_that_is_not_there_leads_to_what_follows(api: Api) -> None:
    assert ids(get(api, since=0, after="1.9.5")) == ["u2", "u3", "u1", "a"]
    assert ids(get(api, since=0, after=f"999999999999999999.1.{CHANGES_IN_A_ROW}")) == []


def test_sources_are_told_apart(api: Api, roster: Roster) -> None:
    assert api.get("/sources/south/changes?since=0").status_code == 404
    granted = roster.key("elsewhere", sources=["south"])
    assert api.get(f"{URL}?since=0", key=granted).status_code == 404


def test_nobody_is_told_without_a_key(api: Api) -> None:
    assert api.client.get(f"{URL}?since=0").status_code == 401


def test_clients_are_told_of_what_their_scopes_open(api: Api, roster: Roster) -> None:
    plain = roster.key("plain", scopes=[scopes.BY_NAME["roster.readonly"].uri])
    response = api.get(f"{URL}?since=1", key=plain)
    assert [change["collection"] for change in response.get_json()["changes"]] == ["users", "users", "orgs"]
    assert response.headers["X-Total-Count"] == "3"
    own = roster.key("own", scopes=[scopes.BY_NAME["roster-demographics.readonly"].uri])
    assert [change["collection"] for change in api.json(f"{URL}?since=0", key=own)["changes"]] == ["demographics"]
    nothing = api.get(f"{URL}?since=0", key=roster.key("nothing", scopes=[]))
    assert nothing.status_code == 403
    assert "insufficient_scope" in nothing.headers["WWW-Authenticate"]


@pytest.fixture
def streaming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "STREAMED_ABOVE", 1)
    monkeypatch.setattr(pages, "CHUNK", 2)


@pytest.mark.usefixtures("streaming")
@pytest.mark.parametrize("query", ["since=0&limit=4", "since=0&limit=5", "since=0&limit=9", "since=0&limit=999999999",
                                   "since=1&limit=3&after=2.1.1", "since=4&limit=2"])  # fmt: skip
def test_a_streamed_answer_is_the_page_it_stands_for(api: Api, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    streamed = api.get(f"{URL}?{query}")
    assert streamed.is_streamed
    body = streamed.data
    streamed.close()
    monkeypatch.undo()
    whole = api.get(f"{URL}?{query}")
    assert body == whole.data
    for header in ("X-Total-Count", "Link", "X-Roster-Generation", "Vary", "Cache-Control", "Content-Type"):
        assert streamed.headers[header] == whole.headers[header]


@pytest.mark.usefixtures("streaming")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_streamed_answer_that_nobody_reads_gives_its_connection_back(api: Api, method: str) -> None:
    for _ in range(10):  # more often than the pool has connections
        response = api.get(f"{URL}?since=0&limit=100", method=method)
        assert response.status_code == 200
        response.close()


def test_positions_are_in_the_order_of_the_feed() -> None:
    assert Taken(1, 2, 3) < Taken(1, 3) < Taken(2)
    assert Taken.read(Taken(1, 2, 3).text) == Taken(1, 2, 3)
