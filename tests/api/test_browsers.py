"""What browsers are told with every kind of answer. That pages work under their policy is tests/journeys' matter."""

import dataclasses
import re

import pytest
from werkzeug.test import TestResponse

from api.browsers import HEADERS, TRANSPORT
from api.pages import assets
from api.settings import Settings
from tests.api.conftest import ROSTERING, Api, serving
from tests.api.roster import Roster, fill_everything

PAGE = {"Accept": "text/html"}
STREAMED = f"{ROSTERING}/orgs?limit=10001"


@pytest.fixture
def full(roster: Roster, api: Api) -> Api:
    fill_everything(roster)
    return api


def of(response: TestResponse) -> dict[str, str]:
    """The headers that are meant for browsers."""
    return {name: response.headers[name] for name in (*HEADERS, *TRANSPORT) if name in response.headers}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{ROSTERING}/orgs", 200),
        (f"{ROSTERING}/orgs/school-1", 200),
        (STREAMED, 200),
        (f"{ROSTERING}/orgs?limit=0", 400),
        (f"{ROSTERING}/orgs/nobody", 404),
        ("/nowhere", 404),
        ("/", 200),
        ("/health", 200),
        ("/health/live", 200),
        ("/metrics", 200),
        ("/openapi.json", 200),
        ("/favicon.ico", 200),
        (f"/{assets.SWAGGER_SCRIPT.address}", 200),
    ],
)
def test_an_answer_is_for_nothing_but_being_read(full: Api, path: str, status: int) -> None:
    response = full.get(path)
    assert (response.status_code, of(response)) == (status, {**HEADERS, **TRANSPORT})
    assert "Server" not in response.headers


def test_so_are_those_without_a_key_a_body_or_a_right_to_change(full: Api) -> None:
    for response in (
        full.get(f"{ROSTERING}/orgs", key="no.body"),
        full.get(f"{ROSTERING}/orgs", method="HEAD"),
        full.get(f"{ROSTERING}/orgs", method="DELETE"),
        full.get("/oauth/token", method="POST"),
    ):
        assert of(response) == {**HEADERS, **TRANSPORT}, response.status


def test_so_is_one_that_has_not_changed(full: Api) -> None:
    known = full.get(f"{ROSTERING}/orgs").headers["ETag"]
    response = full.get(f"{ROSTERING}/orgs", If_None_Match=known)
    assert (response.status_code, of(response)) == (304, {**HEADERS, **TRANSPORT})


def test_so_is_a_failure_of_ours(full: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(full.hub.keys), "find", None)
    response = full.get(f"{ROSTERING}/orgs")
    assert (response.status_code, of(response)) == (500, {**HEADERS, **TRANSPORT})


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_may_more_but_nothing_that_stands_in_its_text(full: Api, path: str) -> None:
    response = full.get(path, **PAGE)
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy.pop("style-src-attr", None) == ("'unsafe-inline'" if path == "/docs" else None)
    assert "unsafe" not in str(policy)
    assert {policy[name] for name in ("default-src", "base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", response.text)
    others = {name: value for name, value in of(response).items() if name != "Content-Security-Policy"}
    assert others.items() <= {**HEADERS, **TRANSPORT}.items()
    assert len(others) == len(HEADERS) + len(TRANSPORT) - 1
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]


@pytest.mark.parametrize("public_url", [None, "http://hub.example"])
def test_only_a_hub_that_is_reached_by_tls_says_so(settings: Settings, public_url: str | None) -> None:
    with serving(dataclasses.replace(settings, public_url=public_url)) as api:
        assert of(api.get("/health/live")) == HEADERS
