"""Real bundles, published as a sync does it, answer in the official schema, every record once."""

from pathlib import Path

import pytest

from api.collections import COLLECTIONS
from pipelines.landing.opening import open_bundle
from pipelines.roster.publishing import publish
from pipelines.staged.staging import stage
from tests.api import official
from tests.api.conftest import Api
from tests.api.roster import Roster
from tests.shared import bundle

NAMES = (
    "loads/valid-08-full-bulk.zip",
    "loads/japan-v1p2-small.zip",
    "warns/school-small-v1p1.zip",
    "warns/classlink-sandbox-v1p1.zip",
    "warns/university-ja-v1p1.zip",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_published_bundle_answers_in_the_official_schema(name: str, roster: Roster, api: Api, tmp_path: Path) -> None:
    staged = stage(open_bundle(bundle(name), tmp_path), tmp_path / "staged")
    assert publish(roster.url, "north", staged, arrival=name).outcome == "published"
    for collection in COLLECTIONS:
        response = api.get(f"{collection.path}?limit=5000")
        body = response.get_json()
        assert official.faults(collection.entity.service, f"/{collection.name}", "200", body) == []
        ids = [record["sourcedId"] for record in body[collection.entity.name]]
        assert ids == sorted(set(ids))
        assert response.headers["X-Total-Count"] == str(len(ids))
