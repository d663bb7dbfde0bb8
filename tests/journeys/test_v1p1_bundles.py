"""Real bundles of 1.1 through the whole line and out again in the shape of 1.1: users have the role and orgs sent."""

from collections.abc import Iterator

import pytest

from api.collections import V1P1_ENDPOINTS
from pipelines.roster.migrations import upgrade
from tests.api import v1p1_form
from tests.api.conftest import serving, settings_for
from tests.journeys.line import Line, pages
from tests.journeys.test_api_of_real_bundles import LOADS, Loaded
from tests.servers import PostgresServer
from tests.shared import bundle, needs_bundles

pytestmark = needs_bundles

SENT_AS_1_1 = [name for name in LOADS if "v1p1" in name]
LISTS = [endpoint.collection for endpoint in V1P1_ENDPOINTS if not (endpoint.single or endpoint.nested)]


@pytest.fixture(scope="module", params=SENT_AS_1_1)
def loaded(
    request: pytest.FixtureRequest, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    template = postgres_server.migrated(upgrade)
    with postgres_server.database(template) as url:
        line = Line(tmp_path_factory.mktemp("home"), url)
        assert line.take(bundle(request.param)).outcome == "published"
        with serving(settings_for(url), line.key()) as api:
            yield Loaded(request.param, api)


def test_every_record_has_the_form_of_1_1(loaded: Loaded) -> None:
    for collection in LISTS:
        schema = v1p1_form.collection(collection.entity.name)
        for page in pages(loaded.api, collection.path, limit=150):
            assert v1p1_form.faults(schema, page.json) == []


def test_users_have_the_role_and_the_orgs_that_were_sent(loaded: Loaded) -> None:
    users = {user["sourcedId"]: user for user in loaded.api.json("/ims/oneroster/v1p1/users?limit=1000")["users"]}
    sent = loaded.sent("users.csv")
    assert users.keys() == {row["sourcedId"] for row in sent}
    for row in sent:
        first, *others = dict.fromkeys(org.strip() for org in row["orgSourcedIds"].split(","))
        shown = [org["sourcedId"] for org in users[row["sourcedId"]]["orgs"]]
        assert (users[row["sourcedId"]]["role"], shown) == (row["role"], [first, *sorted(others)])
