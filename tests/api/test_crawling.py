"""Crawls during which the roster changes: what was there all the time is met exactly once, however a client pages.

With Valkey, where the places of clients that count offsets are kept. Crawls of a roster at rest are in test_paging.
"""

import dataclasses
import random
import re
import time
from collections.abc import Callable, Iterator

import pytest
import redis
from werkzeug.test import TestResponse

from api import paging
from api.settings import Settings
from pipelines.contract import GENERATION_REMEMBERED_SECONDS
from tests.api.conftest import ROSTERING, Api, serving
from tests.api.query.asking import ids
from tests.api.roster import SOURCE, Roster

USERS = f"{ROSTERING}/users"
NUMBER = 40


@pytest.fixture
def settings(settings: Settings, redis_url: str) -> Settings:
    """With patience: where Redis takes too long offsets are taken as they are, which is not what these are about."""
    return dataclasses.replace(settings, redis_url=redis_url, cache_timeout_seconds=10)


class Crowd:
    """Users whose ids and names are in different orders; they come and go by publications."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        roster.publish()
        for number in range(NUMBER):
            self.add(f"{number:02}")
        self.there = {f"{number:02}" for number in range(NUMBER)}  # all the time

    def add(self, id: str) -> None:
        user = {"enabledUser": True, "username": id, "givenName": "G", "familyName": id[::-1]}
        self.roster.insert("users", id, {**user, "email": None if id.endswith("3") else f"{id[::-1]}@x"})

    def publish(self, *, come: tuple[str, ...] = (), go: tuple[str, ...] = (), die: tuple[str, ...] = ()) -> None:
        """A publication in which some come, some become tombstones and some are purged."""
        self.roster.publish()
        for id in come:
            self.add(id)
        run = self.roster.connection.execute
        new = self.roster.publications[SOURCE]
        run("UPDATE users SET status = 'tobedeleted', publication_id = %s WHERE sourced_id = ANY(%s)", [new, list(go)])
        run("DELETE FROM users WHERE sourced_id = ANY(%s)", [list(die)])
        self.there -= {*go, *die}


@pytest.fixture
def crowd(roster: Roster) -> Crowd:
    return Crowd(roster)


Between = Callable[[int], None]  # what happens after which page


def by_links(api: Api, query: str, limit: int, between: Between) -> Iterator[TestResponse]:
    """From link to link."""
    path: str | None = f"{USERS}?limit={limit}{query}"
    number = 0
    while path:
        response = api.get(path)
        yield response
        between(number)
        number += 1
        found = re.search(r'<https://hub\.example([^>]*)>; rel="next"', response.headers["Link"])
        path = found[1] if found else None


def until_the_total(api: Api, query: str, limit: int, between: Between) -> Iterator[TestResponse]:
    """By offsets, up to the total that the last page told."""
    offset, total = 0, 1
    while offset < total:
        response = api.get(f"{USERS}?limit={limit}&offset={offset}{query}")
        total = int(response.headers["X-Total-Count"])
        yield response
        between(offset // limit)
        offset += limit


def until_nothing_comes(api: Api, query: str, limit: int, between: Between) -> Iterator[TestResponse]:
    """By offsets, until a page is empty."""
    offset, more = 0, True
    while more:
        response = api.get(f"{USERS}?limit={limit}&offset={offset}{query}")
        more = bool(ids(response))
        yield response
        between(offset // limit)
        offset += limit


WAYS = (by_links, until_the_total, until_nothing_comes)
QUERIES = (
    "",
    "&filter=status='active'",
    "&sort=familyName",
    "&sort=familyName&orderBy=desc&filter=status='active'",
    "&sort=email&filter=status='active' OR status='other'",
)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("limit", [1, 7])
def test_who_was_there_all_the_time_is_met_once(
    api: Api, crowd: Crowd, way: Callable[..., Iterator[TestResponse]], query: str, limit: int
) -> None:
    chance = random.Random(f"{way.__name__} {query} {limit}")  # noqa: S311

    def between(number: int) -> None:
        if number % (8 // limit + 1) == 0 and number < 40:
            some = chance.sample(sorted(crowd.there), 4)
            come = tuple(f"{chance.randrange(100):02}.{number}.{n}" for n in range(chance.randrange(12)))
            crowd.publish(come=come, go=tuple(some[:3]), die=tuple(some[3:]))

    pages = list(way(api, query, limit, between))
    met = [id for page in pages for id in ids(page)]
    assert len(met) == len(set(met)), "twice"
    assert crowd.there <= set(met), "never"
    generations = [int(page.headers["X-Roster-Generation"]) for page in pages]
    assert generations == sorted(generations)
    assert generations[0] < generations[-1], "the client can tell"


def test_offsets_go_on_after_the_record_that_was_seen_last(api: Api, crowd: Crowd) -> None:
    assert ids(api.get(f"{USERS}?limit=5")) == ["00", "01", "02", "03", "04"]
    crowd.publish(die=("00", "01", "02", "04"))
    second = api.get(f"{USERS}?limit=5&offset=5")
    assert ids(second) == ["05", "06", "07", "08", "09"]
    assert second.headers["X-Total-Count"] == "40", "five seen and 35 to come"
    crowd.publish(come=tuple(f"00.{n}" for n in range(9)))
    third = api.get(f"{USERS}?limit=5&offset=10")
    assert ids(third) == ["10", "11", "12", "13", "14"]
    assert third.headers["X-Total-Count"] == "40"
    assert 'offset=35>; rel="last"' in third.headers["Link"]


def test_whoever_starts_again_sees_the_roster_as_it_is(api: Api, crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    for offset in (0, 5, 10):
        api.get(f"{USERS}?limit=5&offset={offset}")
    crowd.publish(die=("00", "01"))
    later = time.monotonic() + GENERATION_REMEMBERED_SECONDS
    monkeypatch.setattr("api.memory.monotonic", lambda: later)
    pages = [api.get(f"{USERS}?limit=5&offset={offset}") for offset in (0, 5, 10)]
    assert [ids(page)[0] for page in pages] == ["02", "07", "12"]
    assert {page.headers["X-Total-Count"] for page in pages} == {"38"}


def test_beyond_the_end_nothing_is_shown_twice(api: Api, crowd: Crowd) -> None:
    assert ids(api.get(f"{USERS}?limit=20"))[-1] == "19"
    assert ids(api.get(f"{USERS}?limit=20&offset=20"))[-1] == "39"
    crowd.publish(come=tuple(f"00.{n}" for n in range(9)))
    beyond = api.get(f"{USERS}?limit=20&offset=40")
    assert (ids(beyond), beyond.headers["X-Total-Count"]) == ([], "40")


@pytest.mark.parametrize(
    ("other", "first"),
    [("&filter=status='active'", "06"), ("&fields=sourcedId", "06"), ("&sort=familyName", "21")],
)
def test_a_place_belongs_to_a_query(api: Api, crowd: Crowd, other: str, first: str) -> None:
    """Another query has come to no place, so its offset is counted in the roster as it is."""
    api.get(f"{USERS}?limit=5")
    crowd.publish(die=("00",))
    answer = api.get(f"{USERS}?limit=5&offset=5{other}")
    assert (ids(answer)[0], answer.headers["X-Total-Count"]) == (first, "39")


def test_a_place_is_the_same_for_pages_of_another_size(api: Api, crowd: Crowd) -> None:
    api.get(f"{USERS}?limit=5")
    crowd.publish(die=("00",))
    assert ids(api.get(f"{USERS}?limit=2&offset=5")) == ["05", "06"]


def test_a_place_belongs_to_a_client(api: Api, crowd: Crowd) -> None:
    api.get(f"{USERS}?limit=5")
    crowd.publish(die=("00",))
    other = crowd.roster.key("other", "secret")
    assert ids(api.get(f"{USERS}?limit=5&offset=5", key=other))[0] == "06"
    assert ids(api.get(f"{USERS}?limit=5&offset=5"))[0] == "05"


def test_places_are_hashes_that_run_out(api: Api, crowd: Crowd, redis_url: str) -> None:
    api.get(f"{USERS}?limit=5&filter=familyName!='O''Neil'")
    with redis.Redis.from_url(redis_url) as store:
        (key,) = store.scan_iter("place:*")
        assert re.fullmatch(rb"place:[0-9a-f]{40}", key)
        assert 0 < store.ttl(key) <= 900


def test_a_single_page_leaves_no_place(api: Api, crowd: Crowd, redis_url: str) -> None:
    api.get(f"{USERS}?filter=familyName='00'")
    with redis.Redis.from_url(redis_url) as store:
        assert list(store.scan_iter("place:*")) == []


@pytest.mark.parametrize("strange", [b"", b"x", b"[]", b'["a"]', b"{}", b"7"])
def test_what_nobody_here_has_written_is_no_place(api: Api, crowd: Crowd, redis_url: str, strange: bytes) -> None:
    api.get(f"{USERS}?limit=5")
    with redis.Redis.from_url(redis_url) as store:
        (key,) = store.scan_iter("place:*")
        store.set(key, strange)
    assert ids(api.get(f"{USERS}?limit=5&offset=5"))[0] == "05"


@pytest.mark.parametrize("url", [None, "redis://127.0.0.1:1/0"])
def test_without_redis_the_offset_is_taken_as_it_is(settings: Settings, crowd: Crowd, url: str | None) -> None:
    with serving(dataclasses.replace(settings, redis_url=url)) as api:
        api.get(f"{USERS}?limit=5")
        crowd.publish(die=("00",))
        second = api.get(f"{USERS}?limit=5&offset=5")
        assert (ids(second)[0], second.headers["X-Total-Count"]) == ("06", "39")


@pytest.mark.parametrize("query", QUERIES)
def test_streamed_pages_have_places_too(api: Api, crowd: Crowd, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "STREAMED_ABOVE", 5)
    first = api.get(f"{USERS}?limit=10{query}")
    seen = set(ids(first))
    crowd.publish(die=tuple(sorted(seen)[:4]))
    for offset in (10, 20, 30):
        page = api.get(f"{USERS}?limit=10&offset={offset}{query}")
        assert page.is_streamed
        assert not seen & set(ids(page))
        seen |= set(ids(page))
    assert crowd.there <= seen
