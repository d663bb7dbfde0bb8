"""Errors below the base of 1.1 have its body, whatever answers them; and bodies of both editions are kept apart."""

import dataclasses

import psycopg
import pytest

from api import editions
from api.editions import V1P1, V1P2
from api.settings import Settings
from pipelines.oneroster.scopes import BY_NAME
from tests.api import v1p1_form
from tests.api.conftest import ROSTERING, Api, serving
from tests.api.roster import Roster

V1 = "/ims/oneroster/v1p1"


@pytest.fixture(autouse=True)
def published(roster: Roster) -> None:
    roster.publish()
    roster.user("pupil", "student")


@pytest.mark.parametrize("prefix", ["", "/sources/north"])
@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("/users?filter=roles.role='x'", "GET", 400, "invalid_filter_field"),
        ("/users?filter=x", "GET", 400, "invalid_filter_field"),
        ("/users?limit=0", "GET", 400, "invalid data"),
        ("/users?fields=role,,orgs", "GET", 400, "invalid_blank_selection_field"),
        ("/users/nobody", "GET", 404, "unknown object"),
        ("/teachers/pupil", "GET", 404, "unknown object"),
        ("/teachers/pupil/classes", "GET", 404, "unknown object"),
        ("/lineItems", "GET", 404, "unknown object"),
        ("", "GET", 404, "unknown object"),
        ("/users", "POST", 405, "forbidden"),
        ("/users/pupil", "DELETE", 405, "forbidden"),
        (f"/users?after={'x' * 40_000}", "GET", 414, "invalid data"),
    ],
)
def test_errors_are_told_in_the_words_of_1_1(
    api: Api, prefix: str, path: str, method: str, status: int, code: str
) -> None:
    response = api.get(prefix + V1 + path, method=method)
    assert response.status_code == status
    assert v1p1_form.faults(v1p1_form.ERROR, response.json) == []
    assert response.get_json()["statusInfoSet"][0]["imsx_codeMinor"] == code
    assert response.headers["X-Request-Id"]


def told(response: object) -> str:
    body = response.get_json()  # type: ignore[attr-defined]
    assert v1p1_form.faults(v1p1_form.ERROR, body) == []
    return str(body["statusInfoSet"][0]["imsx_codeMinor"])


def test_who_may_not_is_told_so(roster: Roster, api: Api) -> None:
    limited = roster.key("limited", scopes=[BY_NAME["roster-core.readonly"].uri])
    response = api.get(f"{V1}/users", key="reader.wrong")
    assert (response.status_code, told(response)) == (401, "unauthorized")
    assert "Bearer" in response.headers["WWW-Authenticate"]
    response = api.get(f"{V1}/classes/1/students", key=limited)
    assert (response.status_code, told(response)) == (403, "forbidden")
    response = api.get(f"{V1}/demographics", key=limited)
    assert (response.status_code, told(response)) == (403, "forbidden")
    assert api.get(f"{V1}/users", key=limited).status_code == 200


def test_a_source_that_is_not_there_is_an_unknown_object(api: Api) -> None:
    assert told(api.get(f"/sources/nowhere{V1}/users")) == "unknown object"


def test_too_many_requests(roster: Roster, api: Api) -> None:
    slow = roster.key("slow", requests_per_minute=1)
    answers = [api.get(f"{V1}/users", key=slow) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert told(answers[-1]) == "server_busy"
    assert answers[-1].headers["Retry-After"]


def test_what_fails_inside(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for raised, status, code in (
        (psycopg.OperationalError("x"), 503, "server_busy"),
        (KeyError("x"), 500, "internal_server_error"),
    ):

        def fail(*_: object, raised: Exception = raised) -> None:
            raise raised

        monkeypatch.setattr(type(api.hub.keys), "find", fail)
        response = api.get(f"{V1}/users")
        assert (response.status_code, told(response)) == (status, code)


def test_maintenance(settings: Settings) -> None:
    with serving(dataclasses.replace(settings, maintenance=True)) as api:
        response = api.get(f"{V1}/users")
        assert (response.status_code, told(response)) == (503, "server_busy")


@pytest.mark.parametrize(
    ("path", "edition"),
    [
        (V1, V1P1),
        (f"{V1}/", V1P1),
        (f"{V1}/users/1", V1P1),
        (f"/sources/north{V1}/users", V1P1),
        (f"/sources/north{V1}", V1P1),
        (f"{V1}0/users", V1P2),
        (f"/x{V1}/users", V1P2),
        ("/sources", V1P2),
        ("/sources/ims", V1P2),
        ("/ims/oneroster/v1p2/users", V1P2),
        ("/", V1P2),
    ],
)
def test_a_path_belongs_to_one_edition(path: str, edition: editions.Edition) -> None:
    assert editions.spoken_at(path) is edition


def test_kept_bodies_of_two_editions_never_mix(roster: Roster, settings: Settings, redis_url: str) -> None:
    with serving(dataclasses.replace(settings, redis_url=redis_url)) as api:
        for _ in range(2):
            for path in ("/users", "/users/pupil", "/students", "/users?limit=1"):
                (first,), (second,) = (api.json(base + path).values() for base in (V1, ROSTERING))
                one, other = (body if isinstance(body, dict) else body[0] for body in (first, second))
                assert "role" in one
                assert "roles" in other
                assert V1 in one["orgs"][0]["href"]
        own = f"/sources/north{V1}"
        assert own in api.json(f"{own}/users/pupil")["user"]["orgs"][0]["href"]
