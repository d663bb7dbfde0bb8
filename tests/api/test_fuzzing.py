"""Schemathesis makes requests of the hub's own OpenAPI document, fitting and unfitting ones, and checks every answer.

The short round is part of `make test`; the long one, some ten minutes, is for `make test-faults`.
"""

import dataclasses
from collections.abc import Iterator

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.openapi.document import document
from pipelines.roster.migrations import upgrade
from tests.api.conftest import Api, serving, settings_for
from tests.api.roster import HEADER, fill_everything, opened
from tests.servers import PostgresServer

# That a filter fits the pattern does not make it one that a collection can be asked: it may name what is not there.
BEYOND_A_SCHEMA = [positive_data_acceptance]

OPERATIONS = [
    (method, path) for path, item in document("1.0")["paths"].items() for method in item if method != "servers"
]

Described = schemathesis.BaseSchema


@pytest.fixture(scope="module")
def api(postgres_server: PostgresServer) -> Iterator[Api]:
    """A full roster, asked as often as one likes."""
    template = postgres_server.migrated(upgrade)
    with postgres_server.database(template) as url, opened(url) as roster:
        roster.key()
        fill_everything(roster)
        unlimited = dataclasses.replace(settings_for(url), rate_limit=0, failure_limit=0)
        with serving(dataclasses.replace(unlimited, token_key="a key for tests, long enough to sign tokens")) as api:
            yield api


@pytest.fixture(scope="module")
def described(api: Api) -> Described:
    """The document as schemathesis reads it."""
    return schemathesis.openapi.from_wsgi("/openapi.json", api.client.application)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_hold_what_the_document_says(described: Described, method: str, path: str) -> None:
    _hold(described[path][method], 2)


@pytest.mark.faults
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_hold_what_the_document_says_for_long(described: Described, method: str, path: str) -> None:
    _hold(described[path][method], 100)


def _hold(operation: APIOperation, examples: int) -> None:
    """So many requests for what the document allows, and as many for what it does not."""
    takes_something = operation.body or any(True for _ in operation.iter_parameters())
    for mode in GenerationMode if takes_something else [GenerationMode.POSITIVE]:
        strategy = operation.as_strategy(generation_mode=mode)

        @hypothesis.given(case=strategy)
        @hypothesis.settings(max_examples=examples, deadline=None, derandomize=examples < 10, database=None)
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"X-API-Key": HEADER}, excluded_checks=BEYOND_A_SCHEMA)

        check()
