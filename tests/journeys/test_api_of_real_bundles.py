"""Every real bundle through the whole line: what loads is read back whole and in the standard's form, the rest not."""

import csv
import io
import itertools
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from api.collections import COLLECTIONS, ENDPOINTS, Collection, Endpoint
from pipelines.roster.migrations import upgrade
from tests.api import official
from tests.api.conftest import Api, serving, settings_for
from tests.journeys.line import SOURCE, Line, Record, Snapshot, pages, shown, snapshot
from tests.servers import PostgresServer
from tests.shared import BUNDLES, bundle, needs_bundles

pytestmark = needs_bundles

USERS = next(collection for collection in COLLECTIONS if collection.name == "users")
PREFIX = "metadata."
RARE = ("\N{CJK UNIFIED IDEOGRAPH-20BB7}", "葛\N{VARIATION SELECTOR-17}", "髙", "\N{CJK COMPATIBILITY IDEOGRAPH-FA11}")

LOADS = (
    "loads/valid-02-rostering-bulk.zip",
    "loads/valid-04-gradebook-bulk.zip",
    "loads/valid-08-full-bulk.zip",
    "loads/japan-v1p2-small.zip",
    "warns/classlink-sandbox-v1p1.zip",
    "warns/edfi-lms-toolkit-v1p1",
    "warns/university-ja-v1p1.zip",
    "warns/school-small-v1p1.zip",
    "warns/district-small-v1p1",
)
# Rows of academicSessions, orgs, courses, classes, users and enrollments, where the table of bundles says them all.
PROMISED = {
    "loads/japan-v1p2-small.zip": (1, 3, 2, 14, 420, 408),
    "warns/classlink-sandbox-v1p1.zip": (7, 4, 40, 72, 180, 305),
    "warns/edfi-lms-toolkit-v1p1": (3, 2, 2, 2, 10, 24),
    "warns/university-ja-v1p1.zip": (4, 1, 2, 5, 20, 30),
}
CORE = ("academicSessions", "orgs", "courses", "classes", "users", "enrollments")
HANDFUL = 6  # records of a kind below which is looked
NEVER_PUBLISH = ("01", "07", "09", "11", "13")  # of strict/negative-*
MAY_PUBLISH_NOTHING = ("03", "05")  # their only file is ignored, with a warning
REJECTS = ("moodle-minimal-v1p1.zip", "moodle-full-v1p2.zip", "v1p0-shaped", "header-only-template", "no-manifest",
           "sds-v2p1")  # fmt: skip


Sent = dict[str, str]


@dataclass
class Loaded:
    """A bundle that was published, and the API over it."""

    name: str
    api: Api

    def sent(self, file: str) -> list[Sent]:
        """The rows of one of its files, read without the product; none where it has no such file."""
        path = BUNDLES / self.name
        if path.is_dir():
            return _rows((path / file).read_bytes()) if (path / file).exists() else []
        with zipfile.ZipFile(path) as archive:
            return _rows(archive.read(file)) if file in archive.namelist() else []

    def read(self, collection: Collection) -> Snapshot:
        """The collection by id. Each of its pages has the official form and tells the same total, which is true."""
        found: list[Record] = []
        totals = set()
        for page in pages(self.api, collection.path, limit=150):
            body: Any = page.json
            assert official.faults(collection.entity.service, f"/{collection.name}", "200", body) == []
            found += body[collection.entity.name]
            totals.add(page.headers["X-Total-Count"])
        ids = [record["sourcedId"] for record in found]
        assert ids == sorted(set(ids))
        assert totals == {str(len(found))}
        return dict(zip(ids, found, strict=True))


def _rows(content: bytes) -> list[Sent]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture(scope="module", params=LOADS)
def loaded(
    request: pytest.FixtureRequest, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    template = postgres_server.migrated(upgrade)
    with postgres_server.database(template) as url:
        line = Line(tmp_path_factory.mktemp("home"), url)
        publication = line.take(bundle(request.param))
        assert publication.outcome == "published", publication.reasons
        with serving(settings_for(url), line.key()) as api:
            yield Loaded(request.param, api)


def test_every_row_is_a_record_in_the_official_form(loaded: Loaded) -> None:
    read = {collection.name: loaded.read(collection) for collection in COLLECTIONS}
    for collection in COLLECTIONS:
        if collection.condition is None:
            sent = loaded.sent(f"{collection.name}.csv")
            assert read[collection.name].keys() == {row["sourcedId"] for row in sent}
    if loaded.name in PROMISED:
        assert tuple(len(read[name]) for name in CORE) == PROMISED[loaded.name]


def test_single_records_are_those_of_the_collections(loaded: Loaded) -> None:
    for collection in COLLECTIONS:
        body = loaded.api.json(f"{collection.path}?limit=3")
        for record in body[collection.entity.name]:
            one = loaded.api.json(f"{collection.path}/{quote(record['sourcedId'], safe='')}")
            form = f"/{collection.name}/{{sourcedId}}"
            assert official.faults(collection.entity.service, form, "200", one) == []
            assert one == {collection.entity.singular: record}


def test_what_belongs_to_a_record_is_in_the_official_form(loaded: Loaded) -> None:
    """Below some records of every kind, all of them in small bundles; and nothing else than those records is shown."""
    whole = {collection.name: {record["sourcedId"]: record for record in some(loaded.api, collection)}
             for collection in COLLECTIONS}  # fmt: skip
    for endpoint in (endpoint for endpoint in ENDPOINTS if endpoint.nested):
        found = Counter(below(loaded.api, endpoint, ids) for ids in named(endpoint, whole))
        assert found[200] or not all(whole[parent.name] for parent in endpoint.parents), endpoint.template


def some(api: Api, collection: Collection) -> list[Record]:
    """The first records of a collection."""
    records: list[Record] = api.json(f"{collection.path}?limit={HANDFUL}")[collection.entity.name]
    return records


def named(endpoint: Endpoint, whole: dict[str, Snapshot]) -> Iterator[tuple[str, ...]]:
    """Ids for the path: every combination, and one that is nowhere."""
    yield from itertools.product(*(whole[parent.name] for parent in endpoint.parents))
    yield ("nobody",) * len(endpoint.parents)


def below(api: Api, endpoint: Endpoint, ids: tuple[str, ...]) -> int:
    """The status of the answer, which has the form that the standard gives it."""
    response = api.get(f"{endpoint.path(ids)}?limit={HANDFUL}")
    service, form = endpoint.collection.entity.service, endpoint.template.partition("/v1p2")[2]
    status = response.status_code
    if status == 404:  # the official files forget it, yet their texts demand it
        assert official.faults(service, form, "default", response.json) == []
    else:
        assert official.faults(service, form, str(status), response.json) == []
        assert len(response.json[endpoint.collection.entity.name]) == min(
            HANDFUL, int(response.headers["X-Total-Count"])
        )
    return status


def test_users_have_the_names_and_roles_that_were_sent(loaded: Loaded) -> None:
    """Character by character; in 1.1 the roles are those at the orgs of the users file."""
    users = {record["sourcedId"]: record for record in shown(loaded.api, USERS)}
    for row in loaded.sent("users.csv"):
        user = users[row["sourcedId"]]
        assert [user["givenName"], user["familyName"]] == [row["givenName"], row["familyName"]]
    sent_at = Counter((row["userSourcedId"], row["orgSourcedId"]) for row in loaded.sent("roles.csv"))
    if not sent_at:
        sent_at = Counter((row["sourcedId"], org) for row in loaded.sent("users.csv") for org in _orgs(row))
    read_at = Counter((user, role["org"]["sourcedId"]) for user in users for role in users[user]["roles"])
    assert read_at == sent_at


def _orgs(row: Sent) -> set[str]:
    return {org.strip() for org in row["orgSourcedIds"].split(",")}


def test_extension_columns_are_served_under_flat_keys(loaded: Loaded) -> None:
    for collection in (collection for collection in COLLECTIONS if collection.condition is None):
        records = {record["sourcedId"]: record for record in shown(loaded.api, collection)}
        for row in loaded.sent(f"{collection.name}.csv"):
            extra = {name.removeprefix(PREFIX): text for name, text in row.items() if (name or "").startswith(PREFIX)}
            assert records[row["sourcedId"]].get("metadata", {}) == {name: text for name, text in extra.items() if text}


def test_japanese_names_keep_their_rare_characters(line: Line, api: Api) -> None:
    line.take(bundle("loads/japan-v1p2-small.zip"))
    users = list(shown(api, USERS))
    names = {user["familyName"] + user["givenName"] for user in users}
    for character in RARE:
        assert any(character in name for name in names)
    assert all("jp.kanaGivenName" in user["metadata"] for user in users)


def test_a_school_year_written_as_two_years_is_the_year_in_which_it_ends(line: Line, api: Api) -> None:
    line.take(bundle("warns/school-small-v1p1.zip"))
    years = {record["schoolYear"] for name, record in snapshot(api).items() if name.startswith("academicSessions/")}
    assert years == {"2026"}


@pytest.mark.parametrize("number", [*NEVER_PUBLISH, *MAY_PUBLISH_NOTHING])
def test_a_negative_bundle_publishes_nothing(line: Line, api: Api, number: str) -> None:
    path = next(bundle("strict").glob(f"negative-{number}-*"))
    assert line.take(path).generation == 0
    assert_nothing_served(api)


@pytest.mark.parametrize("name", REJECTS)
def test_a_hopeless_bundle_publishes_nothing(line: Line, api: Api, name: str) -> None:
    publication = line.take(bundle(f"rejects/{name}"))
    assert (publication.outcome, publication.generation) == ("rejected", 0)
    assert publication.reasons
    assert_nothing_served(api)


def assert_nothing_served(api: Api) -> None:
    """A source that never published is answered like one that does not exist."""
    for prefix in ("", f"/sources/{SOURCE}"):
        for collection in COLLECTIONS:
            answer = api.get(prefix + collection.path)
            assert answer.status_code == 404
            assert answer.get_json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == (
                "unknownobject"
            )


@pytest.mark.parametrize("name", ["rejects/moodle-full-v1p2.zip", "rejects/header-only-template"])
def test_a_rejected_bundle_leaves_what_was_published(line: Line, api: Api, name: str) -> None:
    line.take(bundle("loads/valid-08-full-bulk.zip"))
    before = snapshot(api)
    assert line.take(bundle(name)).outcome == "rejected"
    assert snapshot(api) == before


def test_faulty_gradebook_rows_are_served_neither_whole_nor_in_part(line: Line, api: Api) -> None:
    line.take(next(bundle("strict").glob("negative-15-*")))
    read = snapshot(api)
    assert not [name for name in read if name.startswith("scoreScales/")]
    kept = [record for name, record in read.items() if name.startswith(("lineItems/", "results/"))]
    assert len(kept) == 2
    assert not [record for record in kept if "scoreScale" in record]
