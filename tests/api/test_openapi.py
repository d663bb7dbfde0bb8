"""The hub's own OpenAPI document: complete, valid, and true of every answer."""

import dataclasses
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from api import discovery
from api.collections import Endpoint, service_base
from api.editions import Edition
from api.openapi import answers, records, values
from api.openapi.document import DESCRIBED, EDITIONS, document
from api.settings import Settings
from pipelines.contract import ChangeKind
from pipelines.oneroster.entity import Kind, Shape
from pipelines.oneroster.registry import ENTITIES, owner_of
from pipelines.roster.migrations import upgrade
from tests.api.conftest import Api, serving, settings_for
from tests.api.roster import KEY, SECRET, SOURCE, Roster, bare, fill_everything, opened
from tests.golden import assert_golden
from tests.servers import PostgresServer

DOCUMENT = document("1.0")


@pytest.fixture(scope="module")
def api(postgres_server: PostgresServer) -> Iterator[Api]:
    """One database for all tests here: they only read."""
    template = postgres_server.migrated(upgrade)
    with postgres_server.database(template) as url, opened(url) as roster, serving(settings_for(url)) as api:
        roster.key()
        fill_everything(roster)
        yield api


def faults(path: str, status: int, body: Any, method: str = "get") -> list[str]:
    """What is wrong with a body by the document; nothing if it is as described."""
    response = DOCUMENT["paths"][path][method]["responses"][str(status)]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = {**response["content"]["application/json"]["schema"], "components": DOCUMENT["components"]}
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


def test_golden() -> None:
    assert_golden("openapi.json", json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n")


def test_it_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV30SpecValidator(DOCUMENT).iter_errors()] == []


def test_every_kind_and_every_shape_is_described() -> None:
    assert set(values.SCHEMAS) == set(Kind)
    assert set(records.EMBEDDED) == set(Shape.__args__)


def test_operations_have_names_of_their_own() -> None:
    names = [
        item["operationId"] for path in DOCUMENT["paths"].values() for item in path.values() if "operationId" in item
    ]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("service", discovery.FILES)
def test_operations_have_the_standards_names_and_scopes(service: str) -> None:
    for path, item in discovery.official(service)["paths"].items():
        if "get" in item:
            ours = DOCUMENT["paths"][service_base(service) + path]["get"]
            scopes = [scope for way in ours["security"] for scope in way.get("oauth2", ())]
            assert ours["operationId"] == item["get"]["operationId"]
            assert set(scopes) == set(item["get"]["security"][0]["OAuth2CC"])


@pytest.mark.parametrize("endpoint", DESCRIBED, ids=lambda endpoint: endpoint.template)
def test_answers_are_as_described(api: Api, endpoint: Endpoint) -> None:
    for ids in _ids(api, endpoint):
        response = api.get(endpoint.path(ids))
        assert faults(endpoint.template, response.status_code, response.json) == []
        described = DOCUMENT["paths"][endpoint.template]["get"]["responses"][str(response.status_code)]
        if response.status_code == 200:
            assert set(described["headers"]) <= set(response.headers.keys())


def _ids(api: Api, endpoint: Endpoint) -> Iterator[tuple[str, ...]]:
    """The ids of everything that there is, by way of the endpoint's parameters."""
    collections = endpoint.parents or ((endpoint.collection,) if endpoint.single else ())
    found = [
        [record["sourcedId"] for record in api.json(collection.path)[collection.entity.name]] or ["nobody"]
        for collection in collections
    ]
    return itertools.product(*found)


def test_what_is_always_there_is_there(api: Api) -> None:
    for collection in {endpoint.collection for endpoint in DESCRIBED}:
        for record in api.json(collection.path)[collection.entity.name]:
            assert set(records.always_there(collection.entity)) <= set(record)


def test_full_records_show_all_that_is_described(api: Api) -> None:
    for entity in ENTITIES:
        if owner_of(entity) is None:
            base = service_base(entity.service)
            shown = {name for record in api.json(f"{base}/{entity.name}")[entity.name] for name in record}
            described = set(records.record(entity)["properties"])
            assert described - shown <= {"academicSession"}, "a line item shows its session under one of two names"


def test_a_selection_of_fields_is_as_described(api: Api) -> None:
    path = next(endpoint.template for endpoint in DESCRIBED if endpoint.collection.name == "users")
    body = api.json(f"{path}?fields=roles,familyName")
    assert set(body["users"][0]) == {"roles", "familyName"}
    assert faults(path, 200, body) == []


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [("", "reader.wrong", 401), ("?filter=x", None, 400), ("?limit=0", None, 400), (f"/{bare('nobody')}", None, 404)],
)
def test_errors_are_as_described(api: Api, path: str, key: str | None, status: int) -> None:
    users = f"{service_base('rostering')}/users"
    response = api.get(users + path, key=key)
    assert response.status_code == status
    assert faults(users + ("/{sourcedId}" if path.startswith("/") else ""), status, response.json) == []


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.version)
def test_the_examples_of_errors_are_errors(edition: Edition) -> None:
    (schema,) = answers.components(edition).values()
    for response in answers.responses(edition).values():
        Draft202012Validator(schema).validate(response["content"]["application/json"]["example"])


def test_anyone_may_read_it_and_it_names_this_hub(api: Api) -> None:
    with serving(api.hub.settings, key=None) as anyone:
        response = anyone.get("/openapi.json")
        assert response.headers["ETag"]
        assert [server["url"] for server in response.json["servers"]] == [
            "https://hub.example",
            "https://hub.example/sources/{source}",
        ]
        assert "hub.invalid" not in response.text


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health"])
def test_probes_are_as_described(api: Api, path: str) -> None:
    assert faults(path, 200, api.json(path)) == []


@pytest.mark.parametrize(("since", "status"), [("1", 200), ("0", 410), ("9", 400), ("x", 400), ("", 400)])
def test_the_change_feed_is_as_described(api: Api, since: str, status: int) -> None:
    response = api.get(f"/sources/{SOURCE}/changes?since={since}")
    assert response.status_code == status
    assert faults("/sources/{source}/changes", status, response.json) == []


def test_changes_are_as_described(roster: Roster, settings: Settings) -> None:
    roster.publish()
    roster.tell(*(("users", kind, ["u1", "u2"]) for kind in ChangeKind))
    with serving(settings) as asked:
        body = asked.json(f"/sources/{SOURCE}/changes?since=0")
    assert len(body["changes"]) == 2 * len(ChangeKind)
    assert faults("/sources/{source}/changes", 200, body) == []


@pytest.mark.parametrize(
    ("secret", "grant", "status"),
    [
        (SECRET, "client_credentials", 200),
        ("wrong", "client_credentials", 401),
        (SECRET, "password", 400),
    ],
)
def test_tokens_are_as_described(api: Api, secret: str, grant: str, status: int) -> None:
    settings = dataclasses.replace(api.hub.settings, token_key="a key for tests of the document, long enough")
    with serving(settings, key=None) as asked:
        form = {"grant_type": grant, "client_id": KEY, "client_secret": secret}
        response = asked.client.post("/oauth/token", data=form)
        assert response.status_code == status
        assert faults("/oauth/token", status, response.json, "post") == []
