"""Every answer with data is what the official OpenAPI files say, for full records and for bare ones."""

from collections.abc import Iterator

import pytest

from api.collections import COLLECTIONS, Collection
from tests.api import official
from tests.api.conftest import Api, serving_filled
from tests.api.roster import fill_everything
from tests.servers import PostgresServer


@pytest.fixture(scope="module")
def api(postgres_server: PostgresServer) -> Iterator[Api]:
    """One database for all tests here: they only read."""
    with serving_filled(postgres_server, fill_everything) as api:
        yield api


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)
def test_answers_satisfy_the_official_schema(api: Api, collection: Collection) -> None:
    service = collection.entity.service
    body = api.json(collection.path)
    assert official.faults(service, f"/{collection.name}", "200", body) == []
    records = body[collection.entity.name]
    assert bool(records) == collection.is_stored, "the roster has something wherever there can be"
    for record in records:
        one = api.json(f"{collection.path}/{record['sourcedId'].replace('/', '%2F')}")
        assert official.faults(service, f"/{collection.name}/{{sourcedId}}", "200", one) == []
        assert one == {collection.entity.singular: record}
