"""Bodies kept in Redis: found again, never for another generation, and never missed when Redis is away."""

import dataclasses
import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from werkzeug.test import TestResponse

from api.caching import Body, Subject
from api.settings import Settings
from api.sources import Revision
from pipelines.contract import GENERATION_REMEMBERED_SECONDS
from tests.api.conftest import ROSTERING, Api, serving
from tests.api.roster import MOMENT, Roster

ORGS = f"{ROSTERING}/orgs"
SUBJECT = Subject("all", f"https://hub.example{ORGS}", ("list", 100, 0, None, None, {}))
FIRST, SECOND = Revision("north", 1, MOMENT), Revision("north", 2, MOMENT)
OUTCOMES = ("hit", "miss", "stored", "away")


@pytest.fixture(autouse=True)
def published(roster: Roster) -> None:
    roster.publish()
    roster.insert("orgs", "1", {"name": "N", "type": "school"})


@pytest.fixture
def settings(settings: Settings, redis_url: str) -> Settings:
    return dataclasses.replace(settings, redis_url=redis_url)


@pytest.fixture
def store(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        yield client


def outcomes(api: Api) -> dict[str, int]:
    text = api.get("/metrics").text
    counted = {}
    for outcome in OUTCOMES:
        line = next(
            (line for line in text.splitlines() if f'rosterhub_cache_total{{outcome="{outcome}"}}' in line), "0"
        )
        counted[outcome] = int(float(line.split()[-1]))
    return counted


def kept(store: redis.Redis) -> list[bytes]:
    """The keys of bodies; rates have keys of their own."""
    return list(store.scan_iter("cache:*"))


def kept_headers(response: TestResponse) -> dict[str, str]:
    """Those that belong to a body, not to the request."""
    own = ("X-Request-Id", "Date", "RateLimit")
    return {name: value for name, value in response.headers if not name.startswith(own)}


def test_the_second_answer_comes_from_the_cache_and_is_the_same(api: Api) -> None:
    first, second = api.get(ORGS), api.get(ORGS)
    assert outcomes(api) == {"hit": 1, "miss": 1, "stored": 1, "away": 0}
    assert second.data == first.data
    assert kept_headers(second) == kept_headers(first)


def test_keys_are_hashes_under_one_prefix_and_end_by_themselves(api: Api, store: redis.Redis) -> None:
    api.get(ORGS)
    (key,) = kept(store)
    assert b"org" not in key
    assert 0 < store.ttl(key) <= api.hub.settings.cache_seconds


def test_a_new_generation_is_served_once_the_old_one_is_forgotten(
    api: Api, roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api.get(ORGS).headers["X-Roster-Generation"] == "1"
    roster.publish()
    roster.insert("orgs", "2", {"name": "N", "type": "school"})
    later = time.monotonic() + GENERATION_REMEMBERED_SECONDS
    monkeypatch.setattr("api.memory.monotonic", lambda: later)
    response = api.get(ORGS)
    assert response.headers["X-Roster-Generation"] == "2"
    assert [org["sourcedId"] for org in response.get_json()["orgs"]] == ["1", "2"]


def test_a_body_is_kept_under_the_generation_of_its_own_snapshot(api: Api, roster: Roster, store: redis.Redis) -> None:
    api.get(f"{ORGS}/1")  # the generation is now remembered
    roster.publish()
    assert api.get(ORGS).headers["X-Roster-Generation"] == "2"
    assert store.exists(SUBJECT.key(SECOND)) == 1
    assert store.exists(SUBJECT.key(FIRST)) == 0


def test_a_generation_that_is_given_to_other_data_is_told_apart(
    api: Api, roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a restore to an earlier moment: the numbers of generations and of publications begin again."""
    before = api.get(ORGS).get_json()["orgs"]
    roster.take_back()
    roster.publish(moment=MOMENT + dt.timedelta(hours=1))
    roster.insert("orgs", "1", {"name": "S", "type": "school"})
    roster.insert("orgs", "2", {"name": "N", "type": "school"})
    later = time.monotonic() + GENERATION_REMEMBERED_SECONDS
    monkeypatch.setattr("api.memory.monotonic", lambda: later)
    response = api.get(ORGS)
    after = response.get_json()["orgs"]
    assert (response.headers["X-Roster-Generation"], response.headers["X-Total-Count"]) == ("1", "2")
    assert [org["name"] for org in after] == ["S", "N"]
    assert after[0]["dateLastModified"] > before[0]["dateLastModified"]


@pytest.mark.parametrize(
    "other",
    [
        {"view": "school"},
        {"url": f"https://other.example{ORGS}"},
        {"url": f"https://hub.example{ROSTERING}/schools"},
        {"query": ("list", 100, 0, "", None, {})},
        {"query": ("list", 100, 0, None, ("k", 1, 0), {})},
        {"query": ("list", 100, 0, None, None, {"filter": "name='N'"})},
        {"query": ("get", "1")},
    ],
)
def test_whatever_a_body_depends_on_is_in_its_key(other: dict[str, object]) -> None:
    assert dataclasses.replace(SUBJECT, **other).key(FIRST) != SUBJECT.key(FIRST)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other", [{"source": "south"}, {"generation": 2}, {"moment": MOMENT + dt.timedelta(seconds=1)}], ids=str
)
def test_so_is_the_revision(other: dict[str, Any]) -> None:
    assert SUBJECT.key(FIRST._replace(**other)) != SUBJECT.key(FIRST)


def test_a_body_survives_packing() -> None:
    body = Body(b'{"a":"\n"}', {"Link": '<x>; rel="first"'}, str(FIRST), ends_at="k", shift=-2)
    assert Body.unpacked(body.packed()) == body


@pytest.mark.parametrize("strange", [b"", b"x", b"1\n{}", b"{", b"[{},null]\n{}"])
def test_what_nobody_packed_is_a_miss(api: Api, store: redis.Redis, strange: bytes) -> None:
    store.set(SUBJECT.key(FIRST), strange)
    assert api.get(ORGS).status_code == 200
    assert outcomes(api)["miss"] == 1


def test_an_unchanged_body_is_not_sent_again(api: Api) -> None:
    first = api.get(ORGS)
    for tag in (first.headers["ETag"], f"W/{first.headers['ETag']}", '"other", ' + first.headers["ETag"], "*"):
        again = api.get(ORGS, If_None_Match=tag)
        assert (again.status_code, again.data) == (304, b"")
        for header in ("ETag", "X-Total-Count", "X-Roster-Generation", "Vary", "Cache-Control"):
            assert again.headers[header] == first.headers[header]
    assert api.get(ORGS, If_None_Match='"other"').status_code == 200


def test_errors_are_not_kept(api: Api, store: redis.Redis) -> None:
    assert api.get(f"{ORGS}/nobody").status_code == 404
    assert kept(store) == []


def test_large_bodies_are_not_kept(settings: Settings, store: redis.Redis) -> None:
    with serving(dataclasses.replace(settings, cache_max_bytes=10)) as api:
        assert api.get(ORGS).status_code == 200
        assert kept(store) == []


def test_answers_go_on_when_redis_is_away(settings: Settings) -> None:
    with serving(dataclasses.replace(settings, redis_url="redis://127.0.0.1:1/0")) as api:
        assert [api.get(ORGS).status_code for _ in range(3)] == [200, 200, 200]
        counted = outcomes(api)
        assert counted["away"] >= 1
        assert counted["hit"] == counted["stored"] == 0
