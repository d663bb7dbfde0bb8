"""Every answer without data has the standard's body, and tells nothing of the inside."""

from typing import Any

import psycopg
import pytest

from tests.api import official
from tests.api.conftest import GRADEBOOK, RESOURCES, ROSTERING, Api
from tests.api.roster import Roster

ORGS = f"{ROSTERING}/orgs"


def minor(body: Any) -> str:
    (field,) = body["imsx_CodeMinor"]["imsx_codeMinorField"]
    assert field["imsx_codeMinorFieldName"] == "TargetEndSystem"
    value: str = field["imsx_codeMinorFieldValue"]
    return value


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("/nowhere", "GET", 404, "unknownobject"),
        (f"{ROSTERING}/nothing", "GET", 404, "unknownobject"),
        (f"{ORGS}/", "GET", 404, "unknownobject"),
        (f"{ORGS}/nobody", "GET", 404, "unknownobject"),
        (f"{ORGS}/no%00body", "GET", 404, "unknownobject"),
        (f"{ORGS}?limit=0", "GET", 400, "invaliddata"),
        (f"{ORGS}?filter=x", "GET", 400, "invalid_filter_field"),
        (f"{ORGS}/1?fields=name,,type", "GET", 400, "invalid_selection_field"),
        (f"{ORGS}?after=%00", "GET", 400, "invaliddata"),
        (f"{ORGS}?after={'x' * 40_000}", "GET", 414, "invaliddata"),
        (ORGS, "POST", 405, "forbidden"),
        (ORGS, "OPTIONS", 405, "forbidden"),
        (f"{GRADEBOOK}/lineItems/1", "PUT", 405, "forbidden"),
        (f"{RESOURCES}/resources/1", "DELETE", 405, "forbidden"),
    ],
)
def test_errors_are_told_in_the_standards_words(
    roster: Roster, api: Api, path: str, method: str, status: int, code: str
) -> None:
    roster.publish()
    response = api.get(path, method=method)
    assert (response.status_code, minor(response.json)) == (status, code)
    assert response.content_type == "application/json"
    assert official.faults("rostering", "/orgs", "default", response.json) == []
    assert response.headers["X-Request-Id"]
    assert response.headers["Cache-Control"] == "no-store"


def test_a_refused_method_is_told_which_are_served(api: Api) -> None:
    response = api.get(ORGS, method="POST")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}
    assert response.get_json()["imsx_codeMajor"] == "unsupported"


def test_a_large_body_is_refused(api: Api) -> None:
    response = api.client.get(ORGS, data=b"x" * 70_000)
    assert (response.status_code, minor(response.json)) == (413, "invaliddata")


def test_without_anything_published_there_is_no_source(api: Api) -> None:
    response = api.get(ORGS)
    assert response.status_code == 404
    assert "published" in response.get_json()["imsx_description"]


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (psycopg.OperationalError("password of 山田"), 503, "server_busy"),
        (psycopg.errors.QueryCanceled("山田"), 503, "server_busy"),
        (psycopg.errors.LockNotAvailable("山田"), 503, "server_busy"),
        (psycopg.errors.UndefinedTable("山田"), 503, "server_busy"),
        (KeyError("山田"), 500, "internal_server_error"),
    ],
)
def test_what_fails_inside_stays_inside(
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    raised: Exception,
    status: int,
    code: str,
) -> None:
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr(type(api.hub.keys), "find", fail)
    response = api.get(ORGS)
    assert (response.status_code, minor(response.json)) == (status, code)
    assert "山田" not in response.text
    assert "山田" not in caplog.text
    assert type(raised).__name__ in caplog.text or "tables" in caplog.text
    assert ("Retry-After" in response.headers) == (status == 503)


def test_a_request_id_is_kept_if_it_is_harmless(api: Api) -> None:
    assert api.get("/nowhere", X_Request_Id="abc-1.2").headers["X-Request-Id"] == "abc-1.2"
    assert len(api.get("/nowhere", X_Request_Id='"},{').headers["X-Request-Id"]) == 32
