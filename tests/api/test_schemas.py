"""Every answer with data is what the official OpenAPI files say, for full records and for bare ones."""

import pytest

from api.collections import COLLECTIONS, Collection
from tests.api import official
from tests.api.conftest import Api
from tests.api.roster import Roster, fill_everything


@pytest.fixture
def filled(roster: Roster) -> Roster:
    fill_everything(roster)
    return roster


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)
def test_answers_satisfy_the_official_schema(filled: Roster, api: Api, collection: Collection) -> None:
    service = collection.entity.service
    body = api.json(collection.path)
    assert official.faults(service, f"/{collection.name}", "200", body) == []
    records = body[collection.entity.name]
    assert records, "the roster has something in every collection"
    for record in records:
        one = api.json(f"{collection.path}/{record['sourcedId'].replace('/', '%2F')}")
        assert official.faults(service, f"/{collection.name}/{{sourcedId}}", "200", one) == []
        assert one == {collection.entity.singular: record}
