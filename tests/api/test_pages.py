"""The landing page, the documentation page, and the files that they load. How they look is tests/journeys' matter."""

import dataclasses
import datetime as dt
import re
from typing import get_args

import pytest

from api.app import create_app
from api.pages import assets
from api.pages.state import SHOWN, Condition
from api.pages.texts import ENGLISH, JAPANESE, LANGUAGES
from api.settings import Settings
from tests.api.conftest import Api, serving
from tests.api.roster import MOMENT, Roster, fill_everything

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def anyone(api: Api) -> Api:
    """The API, asked without a key."""
    api.key = None
    return api


def read(api: Api, path: str = "/", **headers: str) -> str:
    """The text of a page that has to be 200."""
    response = api.get(path, **{"Accept": BROWSER, **headers})
    assert (response.status_code, response.mimetype) == (200, "text/html")
    return response.text


def test_clients_get_json_browsers_a_page(anyone: Api) -> None:
    for accepted in ("*/*", "application/json", "application/json, text/html", "text/html;q=0.5, */*"):
        assert anyone.get("/", Accept=accepted).mimetype == "application/json", accepted
    for accepted in (BROWSER, "text/html", "text/html, application/json;q=0.9"):
        assert anyone.get("/", Accept=accepted).mimetype == "text/html", accepted
    assert "Accept" in anyone.get("/").headers["Vary"]


def test_the_state_is_summed_over_sources_and_counts_what_is_active(roster: Roster, anyone: Api) -> None:
    fill_everything(roster)
    roster.insert("orgs", "closed", {"name": "N", "type": "school"}, status="tobedeleted")
    roster.publish("south", moment=MOMENT + dt.timedelta(days=1))
    roster.publish("south", moment=MOMENT + dt.timedelta(days=2))
    roster.insert("orgs", "school-1", {"name": "N", "type": "school"}, source="south")
    data = anyone.json("/")["data"]
    assert data["active"]["schools"] == 2
    assert data["active"]["enrollments"] == 2
    assert {**data, "active": sorted(data["active"])} == {
        "status": "ok",
        "sources": 2,
        "newest": {"generation": 2, "published_at": "2026-08-03T04:05:06.000Z"},
        "oldest": {"generation": 1, "published_at": "2026-08-01T04:05:06.000Z"},
        "active": sorted(SHOWN),
    }


def test_no_source_is_named_and_no_record_shown(roster: Roster, anyone: Api) -> None:
    roster.publish("springfield_district")
    roster.user("user-77", "student", source="springfield_district")
    for text in (read(anyone), anyone.get("/").text, read(anyone, "/docs")):
        assert "springfield" not in text
        assert "user-77" not in text


@pytest.mark.parametrize(
    ("asked", "language"), [("ja,en;q=0.8", "ja"), ("en-GB,ja;q=0.5", "en"), ("fr", "en"), ("ja-JP", "ja")]
)
def test_the_page_speaks_the_readers_language(roster: Roster, anyone: Api, asked: str, language: str) -> None:
    fill_everything(roster)
    text = read(anyone, Accept_Language=asked)
    assert f'<html lang="{language}">' in text
    for shown in LANGUAGES[language].collections.values():
        assert f"<dt>{shown}</dt>" in text


def test_languages_say_the_same_things() -> None:
    assert set(ENGLISH.collections) == set(JAPANESE.collections) == set(SHOWN)
    assert set(ENGLISH.conditions) == set(JAPANESE.conditions) == set(get_args(Condition)) - {"ok"}
    for name in (one.name for one in dataclasses.fields(ENGLISH) if isinstance(getattr(ENGLISH, one.name), str)):
        english, japanese = (re.findall("{.*?}", getattr(texts, name)) for texts in (ENGLISH, JAPANESE))
        assert english == japanese, name


def test_ages() -> None:
    assert ENGLISH.age(dt.timedelta(seconds=59)) == ENGLISH.age(dt.timedelta(seconds=-3)) == "just now"
    assert ENGLISH.age(dt.timedelta(minutes=1)) == "1 minute ago"
    assert ENGLISH.age(dt.timedelta(hours=47)) == "1 day ago"
    assert JAPANESE.age(dt.timedelta(hours=5)) == "5時間前"


def test_links_lead_somewhere(roster: Roster, anyone: Api) -> None:
    for path in ("/", "/docs"):
        for link in re.findall(r'(?:href|src|data-openapi)="([^"]+)"', read(anyone, path)):
            assert not link.startswith(("/", "http")), "links hold behind a proxy that adds a prefix"
            assert anyone.get(f"/{link}".replace("/./", "/")).status_code == 200, link


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_may_load_nothing_from_elsewhere(anyone: Api, path: str) -> None:
    response = anyone.get(path, Accept=BROWSER)
    policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert not re.search(r"<script(?![^>]* src=)", response.text), "no script stands in the page"


def test_a_host_header_cannot_write_into_the_page(settings: Settings) -> None:
    with serving(dataclasses.replace(settings, public_url=None), key=None) as api:
        assert api.get("/", Accept=BROWSER, Host="a<b>").status_code == 400


def test_files_are_kept_for_ever_under_an_address_of_their_content(anyone: Api) -> None:
    script = anyone.get(f"/{assets.SWAGGER_SCRIPT.address}")
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert script.mimetype == "text/javascript"
    assert anyone.get(f"/{assets.STYLE.address}").mimetype == "text/css"
    stale = anyone.get("/assets/0123/style.css")
    assert (stale.status_code, stale.headers["Cache-Control"]) == (200, "no-cache")
    assert anyone.get(f"/{assets.STYLE.address}", If_None_Match=stale.headers["ETag"]).status_code == 304


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fassets.py", "../landing.py", "%2e%2e/texts.py"])
def test_no_other_file_is_served(anyone: Api, name: str) -> None:
    assert anyone.get(f"/assets/0/{name}").status_code == 404


def test_browsers_find_an_icon(anyone: Api) -> None:
    assert anyone.get("/favicon.ico").mimetype == "image/svg+xml"


def test_the_landing_page_says_that_nothing_is_published(anyone: Api) -> None:
    assert ENGLISH.conditions["empty"] in read(anyone)


def test_the_landing_page_says_that_the_database_is_away(settings: Settings) -> None:
    away = dataclasses.replace(settings, owner_url=NOWHERE, pool_seconds=0.2)
    with serving(away, key=None) as api:
        assert ENGLISH.conditions["away"] in read(api)
        assert api.json("/")["data"]["status"] == "away"
        assert read(api, "/docs")


def test_the_landing_page_says_that_tables_are_missing(settings: Settings, database_url: str) -> None:
    with serving(dataclasses.replace(settings, owner_url=database_url), key=None) as api:
        assert ENGLISH.conditions["not set up"] in read(api)


def test_under_maintenance_people_are_told_so(settings: Settings) -> None:
    with serving(dataclasses.replace(settings, maintenance=True), key=None) as api:
        response = api.get("/", Accept=BROWSER)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "300")
        assert ENGLISH.conditions["maintenance"] in response.text
        (style,) = re.findall(r'rel="stylesheet" href="([^"]+)"', response.text)
        assert api.get(f"/{style}").status_code == 200
        assert api.get("/").get_json()["imsx_severity"] == "error"
        assert api.get("/docs").status_code == 503


def test_the_application_can_be_made_from_any_folder(
    settings: Settings, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    assert create_app(settings).test_client().get("/docs").status_code == 200
