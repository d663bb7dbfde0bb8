"""Bearer tokens: how one is asked for, what it opens, and everything that ends it."""

import base64
import hmac
import time
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from werkzeug.test import TestResponse

from api.security.keys import REMEMBERED_SECONDS
from pipelines.contract import hash_secret
from pipelines.oneroster.scopes import BY_NAME, PREFIX, SCOPES
from tests.api.conftest import ROSTERING, Api, serving, settings_for
from tests.api.roster import KEY, SECRET, Roster

ORGS = f"{ROSTERING}/orgs"
TOKEN_KEY = "a signing key that only these tests know"
OLD = "http://purl.imsglobal.org/spec/or/v1p1/scope/"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def api(roster: Roster) -> Iterator[Api]:
    """An API that issues tokens, asked without a key."""
    roster.publish()
    with serving(settings_for(roster.url, ROSTERHUB_TOKEN_KEY=TOKEN_KEY), key=None) as api:
        yield api


def basic(key: str = KEY, secret: str = SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}


def asked(api: Api, headers: dict[str, str] | None = None, **parameters: Any) -> TestResponse:
    """A token request with HTTP Basic, in a form."""
    return api.client.post("/oauth/token", data=GRANT | parameters, headers=basic() if headers is None else headers)


def token(api: Api, headers: dict[str, str] | None = None, **parameters: Any) -> str:
    return str(asked(api, headers, **parameters).get_json()["access_token"])


def status(api: Api, token: str, path: str = ORGS) -> int:
    return api.get(path, Authorization=f"Bearer {token}").status_code


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is remembered of credentials grow old."""
    later = time.monotonic() + REMEMBERED_SECONDS
    monkeypatch.setattr("api.memory.monotonic", lambda: later)


def test_the_answer_is_what_rfc_6749_says(api: Api) -> None:
    response = asked(api)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    body = response.get_json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    assert set(body["scope"].split()) == {scope.uri for scope in SCOPES}
    assert status(api, body["access_token"]) == 200


def test_a_client_may_identify_itself_in_the_body(api: Api) -> None:
    own = {"client_id": KEY, "client_secret": SECRET}
    assert asked(api, headers={}, **own).status_code == 200
    assert api.client.post("/oauth/token", json=GRANT | own).status_code == 200
    assert api.client.post("/oauth/token", json=GRANT, headers=basic()).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "granted"),
    [
        (PREFIX + "roster.readonly", PREFIX + "roster.readonly"),
        (f"{PREFIX}roster.readonly {PREFIX}gradebook.createput openid", PREFIX + "roster.readonly"),
        (OLD + "roster.readonly", OLD + "roster.readonly"),
        (f"{OLD}roster.readonly  {OLD}roster.readonly", OLD + "roster.readonly"),
        (" ", " ".join(sorted(scope.uri for scope in SCOPES))),
    ],
)
def test_scopes_that_are_granted_are_told_as_they_were_asked_for(api: Api, wanted: str, granted: str) -> None:
    assert asked(api, scope=wanted).get_json()["scope"] == granted


def test_a_token_opens_what_was_asked_for_and_no_more(api: Api) -> None:
    narrow = token(api, scope=OLD + "roster-core.readonly")
    assert status(api, narrow) == 200
    assert status(api, narrow, f"{ROSTERING}/demographics") == 403
    assert status(api, narrow, f"{ROSTERING}/classes/1/students") == 403


def test_a_client_gets_only_what_it_has(api: Api, roster: Roster) -> None:
    roster.key("small", scopes=[BY_NAME["roster.readonly"].uri])
    response = asked(api, basic("small"), scope=f"{PREFIX}roster.readonly {PREFIX}roster-demographics.readonly")
    assert response.get_json()["scope"] == PREFIX + "roster.readonly"
    refused = asked(api, basic("small"), scope=PREFIX + "roster-demographics.readonly")
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"data": GRANT}, 401),
        ({"data": GRANT, "headers": basic(secret="wrong")}, 401),
        ({"data": GRANT, "headers": basic("nobody")}, 401),
        ({"data": GRANT, "headers": basic(secret="")}, 401),
        ({"data": GRANT, "headers": {"Authorization": "Basic /w=="}}, 401),
        ({"data": GRANT, "headers": {"Authorization": "Bearer x"}}, 401),
        ({"data": GRANT | {"client_id": KEY, "client_secret": "wrong"}}, 401),
        ({"data": GRANT | {"client_id": "a\0b", "client_secret": "x"}}, 401),
        ({"data": GRANT, "query_string": {"client_id": KEY, "client_secret": SECRET}}, 401),
        ({"json": GRANT | {"client_id": KEY}}, 401),
        ({"data": {"grant_type": "password"}, "headers": basic()}, 400),
        ({"data": {"grant_type": "größe"}, "headers": basic()}, 400),
        ({"data": {}, "headers": basic()}, 400),
        ({"query_string": GRANT, "headers": basic()}, 400),
        ({"data": {"grant_type": ["client_credentials"] * 2}, "headers": basic()}, 400),
        ({"json": {"grant_type": ["client_credentials"]}, "headers": basic()}, 400),
        ({"json": GRANT | {"scope": 7}, "headers": basic()}, 400),
        ({"json": [], "headers": basic()}, 400),
        ({"data": "{", "content_type": "application/json", "headers": basic()}, 400),
        ({"data": "<x/>", "content_type": "text/xml", "headers": basic()}, 400),
    ],
)
def test_errors_are_oauths_own(api: Api, given: dict[str, Any], code: int) -> None:
    response = api.client.post("/oauth/token", **given)
    error = response.get_json()["error"]
    assert response.status_code == code
    assert error == ("invalid_client" if code == 401 else error)
    assert error in {"invalid_client", "invalid_request", "unsupported_grant_type"}
    assert ("WWW-Authenticate" in response.headers) is (code == 401)
    assert response.headers["Cache-Control"] == "no-store"


def test_only_post_is_answered(api: Api) -> None:
    response = api.get("/oauth/token")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def _signed(claims: dict[str, Any], *, key: str = TOKEN_KEY, kid: str = KEY, secret: str = SECRET) -> str:
    """A token as the API would sign it with that key for that secret."""
    signing = OctKey.import_key(hmac.digest(key.encode(), hash_secret(secret), "sha256"))
    whole = {"iss": "rosterhub", "sub": KEY, "exp": int(time.time()) + 60, "scope": SCOPES[0].uri} | claims
    return jwt.encode({"alg": "HS256", "typ": "at+jwt", "kid": kid}, whole, signing)


def test_the_tests_sign_as_the_api_does(api: Api) -> None:
    assert status(api, _signed({})) == 200


@pytest.mark.parametrize(
    "forged",
    [
        _signed({"exp": 1}),
        _signed({"exp": None}),
        _signed({"exp": "never"}),
        _signed({"iss": "somebody"}),
        _signed({"sub": "other"}),
        _signed({}, kid="other"),
        _signed({}, kid="nobody", secret=""),
        _signed({}, key="what reading the database does not tell"),
        _signed({}, secret="another"),
        _signed({})[:-4],
        _signed({})[:-4] + "AAAA",
        "x",
        "a.b.c",
        "é.é.é",
        "..",
    ],
)
def test_a_token_that_was_not_issued_so_is_refused(api: Api, roster: Roster, forged: str) -> None:
    roster.key("other", "other-secret")
    assert status(api, forged) == 401


def test_what_a_token_says_cannot_be_changed(api: Api) -> None:
    header, payload, signature = token(api, scope=SCOPES[0].uri).split(".")
    claims = base64.urlsafe_b64decode(payload + "==").replace(b"roster.readonly", b"roster-demographics.readonly")
    changed = base64.urlsafe_b64encode(claims).rstrip(b"=").decode()
    assert status(api, f"{header}.{changed}.{signature}") == 401
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt","kid":"reader"}').rstrip(b"=").decode()
    assert status(api, f"{unsigned}.{payload}.") == 401


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE api_keys SET is_active = false",
        "UPDATE api_keys SET expires_at = now() - interval '1 second'",
        "UPDATE api_keys SET secret_hash = sha256('rotated')",
        "DELETE FROM api_keys",
    ],
    ids=["revoked", "expired", "rotated", "deleted"],
)
def test_a_token_ends_with_its_credential(
    api: Api, roster: Roster, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    issued = token(api)
    assert status(api, issued) == 200
    roster.connection.execute(ending)
    forget(monkeypatch)
    assert status(api, issued) == 401
    assert asked(api).status_code == 401


def test_a_scope_that_is_taken_away_is_taken_from_tokens_too(
    api: Api, roster: Roster, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = token(api)
    roster.connection.execute("UPDATE api_keys SET scopes = %s", [[PREFIX + "gradebook.readonly"]])
    forget(monkeypatch)
    assert status(api, issued) == 403


def test_an_expired_token_is_refused(roster: Roster, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"ROSTERHUB_TOKEN_KEY": TOKEN_KEY, "ROSTERHUB_TOKEN_SECONDS": "60"}
    roster.publish()
    with serving(settings_for(roster.url, **given), key=None) as api:
        issued = token(api)
        assert status(api, issued) == 200
        later = time.time() + 61
        monkeypatch.setattr("time.time", lambda: later)
        assert status(api, issued) == 401


def test_tokens_work_from_the_addresses_of_the_key_alone(api: Api, roster: Roster) -> None:
    roster.key("bound", "secret", addresses=[ip_network("127.0.0.1")])
    issued = token(api, basic("bound", "secret"))
    elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    headers = {"Authorization": f"Bearer {issued}"}
    assert api.client.get(ORGS, headers=headers).status_code == 200
    assert api.client.get(ORGS, headers=headers, environ_overrides=elsewhere).status_code == 403
    refused = api.client.post("/oauth/token", data=GRANT, headers=basic("bound", "secret"), environ_overrides=elsewhere)
    assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")


def test_every_worker_takes_the_tokens_of_the_others(api: Api, roster: Roster) -> None:
    with serving(settings_for(roster.url, ROSTERHUB_TOKEN_KEY=TOKEN_KEY), key=None) as other:
        assert status(other, token(api)) == 200


def test_without_a_signing_key_tokens_alone_are_unavailable(
    roster: Roster, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    issued = token(api)
    with serving(settings_for(roster.url), key=None) as other:
        response = asked(other)
        assert (response.status_code, response.get_json()["error"]) == (503, "temporarily_unavailable")
        assert "ROSTERHUB_TOKEN_KEY" in caplog.text
        assert status(other, issued) == 401
        assert other.get(ORGS, key=f"{KEY}.{SECRET}").status_code == 200


def test_neither_secrets_nor_tokens_are_logged(
    api: Api, access_log: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        issued = token(api)
        status(api, issued)
        asked(api, headers={}, client_id=KEY, client_secret="open-sesame")
    for secret in (issued, SECRET, "open-sesame"):
        assert not [text for text in (*access_log, caplog.text) if secret in text]
