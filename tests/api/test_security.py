"""Who gets in, to what, and which source they see there."""

import datetime as dt
import time

import pytest

from api.collections import COLLECTIONS
from api.security.keys import REMEMBERED_SECONDS
from api.settings import load
from pipelines.oneroster.scopes import BY_NAME, PREFIX, SCOPES, opening
from tests.api.conftest import ROSTERING, Api, serving
from tests.api.roster import Roster

ORGS = f"{ROSTERING}/orgs"
PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def sources(roster: Roster) -> None:
    for source in ("north", "south"):
        roster.publish(source)
        roster.insert("orgs", source, {"name": source, "type": "school"}, source=source)


def shown(api: Api, path: str = ORGS, key: str | None = None) -> list[str]:
    return [org["sourcedId"] for org in api.json(path, key=key)["orgs"]]


@pytest.mark.parametrize(
    "header",
    ["reader", "reader.", "reader.wrong", ".correct-horse", "nobody.correct-horse", "reader.correct-horse.x", "."],
)
def test_a_wrong_key_is_refused_without_saying_what_is_wrong(api: Api, header: str) -> None:
    response = api.get(ORGS, key=header)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="OneRoster", error="invalid_token"'
    assert response.json == api.get(ORGS, key="no.body").json


def test_no_key_is_told_how_to_send_one(api: Api) -> None:
    api.key = None
    response = api.get(ORGS)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="OneRoster"'
    assert "X-API-Key" in response.get_json()["imsx_description"]


def test_expired_and_revoked_keys_are_refused(api: Api, roster: Roster) -> None:
    expired = roster.key("expired", expires_at=PAST)
    revoked = roster.key("revoked", is_active=False)
    assert [api.get(ORGS, key=key).status_code for key in (expired, revoked)] == [401, 401]


def test_a_key_works_at_once_and_a_revoked_one_ends_when_forgotten(
    api: Api, roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api.get(ORGS, key="late.secret").status_code == 401
    assert api.get(ORGS, key=roster.key("late", "secret")).status_code == 200
    roster.connection.execute("UPDATE api_keys SET is_active = false WHERE key = 'late'")
    later = time.monotonic() + REMEMBERED_SECONDS
    monkeypatch.setattr("api.memory.monotonic", lambda: later)
    assert api.get(ORGS, key="late.secret").status_code == 401


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.name)
def test_a_scope_opens_its_collections_and_no_others(api: Api, roster: Roster, scope: object) -> None:
    key = roster.key("scoped", scopes=[scope.uri])  # type: ignore[attr-defined]
    for collection in COLLECTIONS:
        status = api.get(collection.path, key=key).status_code
        assert status == (200 if scope in opening(collection.entity) else 403), collection.name


def test_demographics_have_a_scope_of_their_own() -> None:
    demographics = next(collection.entity for collection in COLLECTIONS if collection.name == "demographics")
    assert [scope.name for scope in opening(demographics)] == ["roster-demographics.readonly"]
    assert all(scope.uri.startswith(PREFIX) for scope in BY_NAME.values())


def test_a_missing_scope_is_named(api: Api, roster: Roster) -> None:
    response = api.get(f"{ROSTERING}/demographics", key=roster.key("r", scopes=[BY_NAME["roster.readonly"].uri]))
    assert response.status_code == 403
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]
    assert "roster-demographics.readonly" in response.get_json()["imsx_description"]


def test_a_grant_of_all_reads_the_source_published_first(api: Api) -> None:
    assert shown(api) == ["north"]
    assert shown(api, f"/sources/south{ORGS}") == ["south"]


def test_the_default_source_may_be_set(roster: Roster) -> None:
    settings = load({"DATABASE_URL": roster.url, "ROSTERHUB_DEFAULT_SOURCE": "south"})
    with serving(settings) as api:
        assert shown(api) == ["south"]


def test_a_key_reads_its_first_source_at_the_plain_url(api: Api, roster: Roster) -> None:
    key = roster.key("both", sources=["south", "north"])
    assert shown(api, key=key) == ["south"]
    assert shown(api, f"/sources/north{ORGS}", key) == ["north"]


def test_an_ungranted_source_looks_like_one_that_is_not_there(api: Api, roster: Roster) -> None:
    key = roster.key("south", sources=["south"])
    ungranted, absent = (api.get(f"/sources/{name}{ORGS}", key=key) for name in ("north", "nowhere"))
    assert (ungranted.status_code, absent.status_code) == (404, 404)
    assert ungranted.text.replace("north", "nowhere") == absent.text


@pytest.mark.parametrize("granted", [["nowhere"], []])
def test_a_key_without_a_published_source_reads_nothing(api: Api, roster: Roster, granted: list[str]) -> None:
    assert api.get(ORGS, key=roster.key("none", sources=granted)).status_code == 404
