"""The standard's documents: shipped unchanged, served localised, to anyone."""

import dataclasses
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import discovery
from api.collections import ALIAS, ENDPOINTS, service_base
from api.settings import Settings
from tests.api.conftest import ROSTERING, Api, serving

HUB = "https://hub.example"
FOLDER = Path(discovery.__file__).with_name("discovery_documents")


@pytest.fixture
def anyone(api: Api) -> Api:
    """The API, asked without a key."""
    api.key = None
    return api


@pytest.fixture
def hidden(settings: Settings) -> Iterator[Api]:
    """The API without a public URL, asked without a key."""
    with serving(dataclasses.replace(settings, public_url=None), key=None) as api:
        yield api


def url(service: str, name: int = 0) -> str:
    return f"{service_base(service)}/discovery/{discovery.FILES[service][name]}"


def test_the_files_are_1edtechs_byte_for_byte() -> None:
    sums = dict(re.findall(r"\| (\S+\.json) \| \w+ \| (\w{64}) \|", (FOLDER / "README.md").read_text()))
    assert set(sums) == {names[0] for names in discovery.FILES.values()}
    assert {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in sums} == sums


@pytest.mark.parametrize("service", discovery.FILES)
def test_both_names_give_the_services_document(anyone: Api, service: str) -> None:
    first, second = (anyone.json(url(service, name)) for name in (0, 1))
    assert first == second
    assert first["servers"] == [{"url": HUB + service_base(service), "description": "This hub."}]
    assert first["info"]["license"]["name"] == "1EdTech"


@pytest.mark.parametrize("service", discovery.FILES)
def test_it_describes_what_is_served_and_nothing_else(anyone: Api, service: str) -> None:
    described = anyone.json(url(service))["paths"]
    served = {one.template for one in ENDPOINTS if one.collection.entity.service == service}
    assert {service_base(service) + path for path in described} == served
    assert {method for item in described.values() for method in item} == {"get"}


@pytest.mark.parametrize("service", discovery.FILES)
def test_what_it_describes_is_the_official_text(anyone: Api, service: str) -> None:
    official, described = discovery.official(service), anyone.json(url(service))
    assert all(item["get"] == official["paths"][path]["get"] for path, item in described["paths"].items())
    assert described["components"]["schemas"] == official["components"]["schemas"]


def test_tokens_are_had_from_this_hub(anyone: Api) -> None:
    def flow(path: str) -> Any:
        return anyone.json(path)["components"]["securitySchemes"]["OAuth2CC"]["flows"]["clientCredentials"]

    for path in (url("gradebook"), f"/sources/north{url('gradebook')}"):
        assert flow(path)["tokenUrl"] == f"{HUB}/oauth/token"
        assert {scope.rpartition("/")[2] for scope in flow(path)["scopes"]} == {
            "gradebook.readonly",
            "gradebook-core.readonly",
            "assessment.readonly",
        }


def test_a_source_and_the_alias_have_their_own(anyone: Api) -> None:
    name = discovery.FILES["rostering"][0]
    for base in (ALIAS, f"/sources/north{ROSTERING}", f"/sources/north{ALIAS}"):
        assert anyone.json(f"{base}/discovery/{name}")["servers"][0]["url"] == HUB + base


def test_it_does_not_tell_which_sources_there_are(anyone: Api) -> None:
    assert anyone.get(f"/sources/nowhere{url('resources')}").status_code == 200
    assert anyone.get(f"/sources/No%20name{url('resources')}").status_code == 404


def test_a_document_that_the_client_has_is_not_sent_again(anyone: Api) -> None:
    first = anyone.get(url("resources"))
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    again = anyone.get(url("resources"), If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert anyone.get(url("rostering")).headers["ETag"] != first.headers["ETag"]


def test_without_a_public_url_it_names_the_address_that_was_asked(hidden: Api) -> None:
    for host in ("hub.internal:3000", "other.example"):
        document = hidden.get(url("resources"), Host=host).get_json()
        assert document["servers"][0]["url"] == f"http://{host}{service_base('resources')}"
    assert hidden.get(url("resources"), Host="a b/<c>").status_code == 400


@pytest.mark.parametrize("path", ["other.json", "../openapi.json", ""])
def test_no_other_file_is_there(anyone: Api, path: str) -> None:
    assert anyone.get(f"{ROSTERING}/discovery/{path}").status_code == 404


def test_nothing_is_written_there(anyone: Api) -> None:
    assert anyone.get(url("resources"), method="PUT").status_code == 405
