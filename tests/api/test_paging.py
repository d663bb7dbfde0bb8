"""Links, and whole crawls of a collection: every record once, in code-point order, whichever way a client pages."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from api import paging
from api.query import reading
from api.query.request import ListQuery
from tests.api.conftest import ROSTERING, Api
from tests.api.roster import Roster

URL = f"{ROSTERING}/orgs"
# An order that no locale gives, ids that URLs and SQL could trip over, and pages that do not come out even.
IDS = sorted(["a", "B", "b", "é", "あ", "a b", "a&b", "a+b", "a/b", "a//b", "/a", "a%b", "a%2Fb", "a'b", "a?b", "a#b"])


@pytest.mark.parametrize(
    ("query", "total", "next_after", "expected"),
    [
        # the standard's own example: 503 records, the second page of ten
        (
            ListQuery(10, 10),
            503,
            "k 1",
            {
                "first": "limit=10&offset=0",
                "prev": "limit=10&offset=0",
                "next": "limit=10&offset=20&after=k%201",
                "last": "limit=3&offset=500",
            },
        ),
        (ListQuery(10, 0), 20, "a/b", {"next": "limit=10&offset=10&after=a%2Fb", "last": "limit=10&offset=10"}),
        (ListQuery(10, 5), 15, None, {"prev": "limit=10&offset=0", "last": "limit=5&offset=10"}),
        (ListQuery(10, 0), 0, None, {"last": "limit=10&offset=0"}),
    ],
)
def test_links(query: ListQuery, total: int, next_after: str | None, expected: dict[str, str]) -> None:
    first = {"first": f"limit={query.limit}&offset=0"}
    header = paging.links("https://x/users", query, total, next_after)
    parts = (part.split("; ") for part in header.split(", "))
    found = {rel[5:-1]: target[1:-1].removeprefix("https://x/users?") for target, rel in parts}
    assert found == first | expected


@pytest.fixture(autouse=True)
def orgs(roster: Roster) -> None:
    roster.publish()
    for id in IDS:
        roster.insert("orgs", id, {"name": id, "type": "school" if id < "a" else "district"})


def ids(body: Any) -> list[str]:
    return [record["sourcedId"] for record in body["orgs"]]


def link(header: str, rel: str) -> str | None:
    found = re.search(rf'<https://hub\.example([^>]*)>; rel="{rel}"', header)
    return found[1] if found else None


def pages(api: Api, path: str | None, rel: str = "next") -> Iterator[list[str]]:
    while path is not None:
        response = api.get(path)
        assert response.status_code == 200, response.text
        assert response.headers["X-Total-Count"] == str(len(IDS))
        yield ids(response.json)
        path = link(response.headers["Link"], rel)


@pytest.mark.parametrize("limit", [1, 3, 4, 16, 100])
def test_following_next_meets_every_record_once(api: Api, limit: int) -> None:
    assert [id for page in pages(api, f"{URL}?limit={limit}") for id in page] == IDS


@pytest.mark.parametrize("limit", [1, 5, 8])
def test_counting_offsets_meets_every_record_once(api: Api, limit: int) -> None:
    met = [id for start in range(0, 20, limit) for id in ids(api.json(f"{URL}?limit={limit}&offset={start}"))]
    assert met == IDS


def test_going_back_from_the_last_page_meets_every_record(api: Api) -> None:
    start = link(api.get(f"{URL}?limit=5").headers["Link"], "last")
    backwards = list(pages(api, start, "prev"))
    assert backwards[0] == IDS[-1:]
    assert {id for page in backwards for id in page} == set(IDS)


def test_following_next_skips_nothing_when_earlier_records_disappear(api: Api, roster: Roster) -> None:
    first = api.get(f"{URL}?limit=5")
    roster.connection.execute("DELETE FROM orgs WHERE sourced_id = ANY(%s)", [IDS[:3]])
    roster.publish()
    path = link(first.headers["Link"], "next")
    assert path is not None
    assert ids(api.get(path).json) == IDS[5:10]


def test_the_first_page_has_no_prev_and_the_last_no_next(api: Api) -> None:
    only = api.get(URL).headers["Link"]
    assert link(only, "prev") is None
    assert link(only, "next") is None


def test_an_offset_past_the_end_is_an_empty_page(api: Api) -> None:
    response = api.get(f"{URL}?offset=16")
    assert (response.status_code, response.json) == (200, {"orgs": []})
    assert response.headers["X-Total-Count"] == "16"
    assert link(response.headers["Link"], "next") is None


def test_after_the_last_key_there_is_nothing(api: Api) -> None:
    assert api.json(f"{URL}?after=%F0%9F%98%80") == {"orgs": []}


def test_ids_round_trip_through_hrefs(api: Api, roster: Roster) -> None:
    for number, id in enumerate(IDS):
        roster.insert("orgs", f"child-{number}", {"name": "c", "type": "school", "parentSourcedId": id})
        href = api.json(f"{URL}/child-{number}")["org"]["parent"]["href"]
        assert api.json(href.removeprefix("https://hub.example"))["org"]["sourcedId"] == id


def test_filtered_collections_page_by_themselves(api: Api) -> None:
    schools = [id for id in IDS if id < "a"]
    url = f"{ROSTERING}/schools"
    assert [ids(api.json(f"{url}?limit=1&offset={skip}")) for skip in range(len(schools))] == [[id] for id in schools]
    assert api.get(url).headers["X-Total-Count"] == str(len(schools))
    assert link(api.get(f"{url}?limit=1").headers["Link"], "next") is not None


@pytest.fixture
def streaming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "STREAMED_ABOVE", 5)
    monkeypatch.setattr(reading, "CHUNK", 4)


@pytest.mark.usefixtures("streaming")
@pytest.mark.parametrize("query", ["limit=6", "limit=8&offset=3", "limit=8&after=a", "limit=100", "limit=9&offset=99"])
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
    assert "ETag" not in streamed.headers


@pytest.mark.usefixtures("streaming")
def test_a_streamed_answer_shows_one_generation(api: Api, roster: Roster) -> None:
    response = api.get(f"{URL}?limit=100")
    chunks = response.iter_encoded()
    next(chunks)
    roster.connection.execute("DELETE FROM orgs")
    roster.publish()
    assert b"".join(chunks).count(b"sourcedId") == len(IDS)
    response.close()


@pytest.mark.usefixtures("streaming")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_streamed_answer_that_nobody_reads_gives_its_connection_back(api: Api, method: str) -> None:
    for _ in range(10):  # more often than the pool has connections
        response = api.get(f"{URL}?limit=100", method=method)
        assert response.status_code == 200
        response.close()


def test_head_has_the_headers_of_get(api: Api) -> None:
    got, head = api.get(URL), api.get(URL, method="HEAD")
    assert head.data == b""
    for header in ("X-Total-Count", "Link", "ETag", "Content-Length"):
        assert head.headers[header] == got.headers[header]


def test_links_repeat_the_parameters(api: Api) -> None:
    wanted = {"filter": ["name!='x, y' AND name!='\"&<>'"], "fields": ["name,type"], "sort": ["nothing"]}
    header = api.get(f"{URL}?limit=2&offset=4&{urlencode(wanted, doseq=True)}").headers["Link"]
    for rel, own in (
        ("next", {"limit": ["2"], "offset": ["6"], "after": [IDS[5]]}),
        ("prev", {"limit": ["2"], "offset": ["2"]}),
        ("first", {"limit": ["2"], "offset": ["0"]}),
        ("last", {"limit": ["2"], "offset": ["14"]}),
    ):
        path = link(header, rel)
        assert path is not None
        assert parse_qs(urlsplit(path).query) == wanted | own | {"orderBy": ["asc"]}
