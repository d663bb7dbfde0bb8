"""Who gets in, to what, and which source they see there."""

import base64
import datetime as dt
import hmac
import re
import time
from ipaddress import ip_network

import pytest
import yaml
from werkzeug.test import TestResponse

from api.collections import COLLECTIONS, ENDPOINTS, Endpoint
from api.security.keys import REMEMBERED_SECONDS
from api.settings import load
from pipelines.oneroster.scopes import BY_NAME, PREFIX, SCOPES, Scope, called, opening
from tests import shared
from tests.api.conftest import ROSTERING, Api, serving, settings_for
from tests.api.roster import Roster

ORGS = f"{ROSTERING}/orgs"
PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def sources(roster: Roster) -> None:
    for source in ("north", "south"):
        roster.publish(source)
        roster.insert("orgs", source, {"name": source, "type": "school"}, source=source)


def basic(key: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


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
def test_a_scope_opens_its_endpoints_and_no_others(api: Api, roster: Roster, scope: Scope) -> None:
    key = roster.key("scoped", scopes=[scope.uri])
    for endpoint in ENDPOINTS:
        status = api.get(endpoint.template.replace("{", "").replace("}", ""), key=key).status_code
        opened = scope in opening(endpoint.collection.entity, nested=endpoint.nested)
        assert (status != 403) is opened, endpoint.template


def _official_scopes() -> dict[str, set[str]]:
    """path → the scopes that open it, of the standard's GET operations."""
    facts = yaml.safe_load(shared.standard("rest-v1p2.yaml").read_text())
    return {
        service["base_path"] + operation["path"]: set(operation["scopes"])
        for service in facts["endpoints"].values()
        for operation in service["operations"]
        if operation["method"] == "GET"
    }


def test_the_standards_scopes_open_the_standards_endpoints() -> None:
    ours = {endpoint.template: _scope_names(endpoint) for endpoint in ENDPOINTS}
    official = _official_scopes()
    assert {path: ours[path] for path in official} == official


def _scope_names(endpoint: Endpoint) -> set[str]:
    return {scope.name for scope in opening(endpoint.collection.entity, nested=endpoint.nested)}


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


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (PREFIX + "roster.readonly", "roster.readonly"),
        ("roster.readonly", "roster.readonly"),
        ("https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly", "roster-core.readonly"),
        ("http://purl.imsglobal.org/spec/or/v1p1/scope/roster-demographics.readonly", "roster-demographics.readonly"),
        ("http://purl.imsglobal.org/spec/or/v1p2/scope/gradebook.readonly", "gradebook.readonly"),
        (PREFIX + "gradebook.createput", None),
        ("https://purl.imsglobal.org/spec/or/v1p3/scope/roster.readonly", None),
        ("https://purl.imsglobal.org.example/spec/or/v1p2/scope/roster.readonly", None),
        ("ROSTER.READONLY", None),
        ("", None),
    ],
)
def test_scopes_are_known_by_the_uris_of_both_versions(text: str, name: str | None) -> None:
    assert called(text) is (BY_NAME[name] if name else None)


def test_http_basic_is_the_key_and_its_secret(api: Api) -> None:
    api.key = None
    assert api.get(ORGS, Authorization=basic("reader", "correct-horse")).status_code == 200
    assert api.get(ORGS, Authorization=basic("reader", "wrong")).status_code == 401
    assert api.get(ORGS, Authorization=basic("nobody", "correct-horse")).status_code == 401


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic cmVhZGVy", "Basic /w==", "Bearer", "Digest a=b", "OAuth x", "x"]
)
def test_an_authorization_that_cannot_be_read_is_refused(api: Api, header: str) -> None:
    api.key = None
    assert api.get(ORGS, Authorization=header).status_code == 401


def test_no_challenge_makes_a_browser_ask_for_a_password(api: Api) -> None:
    api.key = None
    for header in ("", basic("reader", "wrong"), "Bearer x"):
        assert api.get(ORGS, Authorization=header).headers["WWW-Authenticate"].startswith("Bearer ")


def test_several_credentials_of_one_client_are_one_and_of_two_are_refused(api: Api, roster: Roster) -> None:
    roster.key("other", "secret")
    assert api.get(ORGS, Authorization=basic("reader", "correct-horse")).status_code == 200
    assert api.get(ORGS, Authorization=basic("reader", "wrong")).status_code == 401
    response = api.get(ORGS, Authorization=basic("other", "secret"))
    assert response.status_code == 400
    assert 'error="invalid_request"' in response.headers["WWW-Authenticate"]


def test_secrets_are_compared_in_constant_time(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    in_constant_time = hmac.compare_digest

    def comparing(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return in_constant_time(one, other)

    monkeypatch.setattr("api.security.keys.hmac.compare_digest", comparing)
    for header in ("reader.correct-horse", "reader.wrong", "nobody.wrong"):
        api.get(ORGS, key=header)
    assert [len(one) == len(other) == 32 for one, other in compared] == [True] * 3


def from_address(api: Api, key: str, peer: str, forwarded: str = "") -> TestResponse:
    headers = {"X-API-Key": key} | ({"X-Forwarded-For": forwarded} if forwarded else {})
    return api.client.get(ORGS, headers=headers, environ_overrides={"REMOTE_ADDR": peer})


def test_a_key_works_from_its_addresses_alone(api: Api, roster: Roster) -> None:
    key = roster.key("bound", addresses=[ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")])
    inside = [from_address(api, key, peer).status_code for peer in ("192.0.2.9", "2001:db8::9", "::ffff:192.0.2.9")]
    assert inside == [200] * 3
    outside = from_address(api, key, "198.51.100.7")
    assert outside.status_code == 403
    assert "address" in outside.get_json()["imsx_description"]
    assert from_address(api, "bound.wrong", "198.51.100.7").status_code == 401


def test_an_address_that_nobody_vouches_for_is_not_believed(api: Api, roster: Roster) -> None:
    key = roster.key("bound", addresses=[ip_network("192.0.2.0/24")])
    assert from_address(api, key, "198.51.100.7", forwarded="192.0.2.9").status_code == 403


def test_an_address_is_believed_from_a_trusted_proxy(roster: Roster) -> None:
    key = roster.key("bound", addresses=[ip_network("192.0.2.0/24")])
    with serving(settings_for(roster.url, ROSTERHUB_TRUSTED_PROXIES="10.0.0.0/8")) as api:
        assert from_address(api, key, "10.0.0.1", forwarded="192.0.2.9").status_code == 200
        assert from_address(api, key, "10.0.0.1", forwarded="192.0.2.9, 198.51.100.7").status_code == 403
        assert from_address(api, key, "10.0.0.1", forwarded="nonsense").status_code == 403


def test_clients_of_the_same_organisations_share_what_they_see(api: Api, roster: Roster) -> None:
    for name, orgs in (("a", ["x", "y"]), ("b", ["y", "x"]), ("c", ["x"]), ("d", None), ("e", [])):
        roster.key(name, orgs=orgs)
    views = {name: api.hub.keys.find(name).client.view for name in "abcde"}
    assert views["a"] == views["b"]
    assert views["d"] == "all"
    assert len(set(views.values())) == 4


# What anyone may read: everything else answers 401 without credentials.
OPEN = {"/", "/metrics", "/health", "/health/live", "/health/ready", "/oauth/token", "/openapi.json", "/favicon.ico"}
OPEN_BELOW = ("/docs", "/assets/")  # the documentation, and what its pages are made of


def test_nothing_is_readable_without_credentials(api: Api) -> None:
    api.key = None
    rules = [rule for rule in api.client.application.url_map.iter_rules() if not _is_open(rule.rule)]
    assert len(rules) > 2 * len(ENDPOINTS)
    for rule in rules:
        path = re.sub("<[^>]+>", "north", rule.rule)
        assert rule.methods is not None
        for method in rule.methods - {"OPTIONS"}:
            assert api.get(path, method=method).status_code == 401, (method, path)


def _is_open(rule: str) -> bool:
    return rule in OPEN or rule.startswith(OPEN_BELOW) or "/discovery/" in rule
