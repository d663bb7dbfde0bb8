"""Who may see what: client kinds × scopes × endpoints × sources × organisations, and that nothing else can be probed.

What is expected is written down here by hand, never taken from the code under test.
"""

import base64
import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from api.collections import ALIASES, BY_NAME, COLLECTIONS, ENDPOINTS, Collection, Endpoint
from api.query.paths import resolve
from pipelines.oneroster import scopes
from pipelines.oneroster.registry import BY_NAME as ENTITIES_BY_NAME
from tests.api import divided
from tests.api.conftest import GRADEBOOK, RESOURCES, ROSTERING, Api, serving, settings_for
from tests.api.divided import OF_SCHOOL_A, SECRET
from tests.api.roster import Roster

BASES = {"rostering": ROSTERING, "resources": RESOURCES, "gradebook": GRADEBOOK}

# scope → what it opens: the service, whether paths below a record too, or the only collections
OPENS: dict[str, tuple[str, bool, set[str]]] = {
    "roster.readonly": ("rostering", True, set()),
    "roster-core.readonly": ("rostering", False, set()),
    "roster-demographics.readonly": ("rostering", True, {"demographics"}),
    "resource.readonly": ("resources", True, set()),
    "resource-core.readonly": ("resources", False, set()),
    "gradebook.readonly": ("gradebook", True, set()),
    "gradebook-core.readonly": ("gradebook", False, set()),
    "assessment.readonly": ("gradebook", True, {"assessmentLineItems", "assessmentResults"}),
}
KEPT = {"demographics", "assessmentLineItems", "assessmentResults"}


@pytest.fixture
def district(roster: Roster) -> Roster:
    """The divided district as two sources, and a key limited to school A of each."""
    for source in ("north", "south"):
        divided.fill(roster, source)
    roster.key("of-a", orgs=["school-a"])
    roster.key("of-district", orgs=["district"])
    return roster


@pytest.fixture
def district_api(district: Roster) -> Iterator[Api]:
    with serving(settings_for(district.url)) as served:
        yield served


LIMITED = "of-a.correct-horse"


def base(collection: Collection) -> str:
    return BASES[collection.entity.service]


def ids(response: TestResponse) -> set[str]:
    assert response.status_code == 200, response.text
    (records,) = response.json.values()
    return {record["sourcedId"] for record in records}


# Scopes


def opened(scope: str, endpoint: Endpoint) -> bool:
    service, nested, only = OPENS[scope]
    name = endpoint.collection.name
    if only or name in KEPT:
        return name in only
    return endpoint.collection.entity.service == service and (nested or not endpoint.parents)


def test_the_matrix_knows_every_scope() -> None:
    assert set(OPENS) == set(scopes.BY_NAME)


@pytest.mark.parametrize("scope", OPENS)
def test_a_scope_opens_its_endpoints_and_no_others(district: Roster, scope: str) -> None:
    with serving(settings_for(district.url), district.key("k", scopes=[scopes.BY_NAME[scope].uri])) as api:
        for endpoint in (*ENDPOINTS, *ALIASES):
            status = api.get(endpoint.path(["nobody"] * len(endpoint.parameters))).status_code
            expected = {200, 404} if opened(scope, endpoint) else {403}
            assert status in expected, endpoint.template


def test_a_path_into_what_no_scope_opens_is_refused(district: Roster) -> None:
    grades = district.key("grades", scopes=[scopes.BY_NAME["gradebook.readonly"].uri])
    with serving(settings_for(district.url), grades) as api:
        refused = api.get(f"{GRADEBOOK}/results?filter=student.familyName='Family'")
        sorted_by = api.get(f"{GRADEBOOK}/results?sort=student.familyName")
        assert (refused.status_code, sorted_by.status_code) == (403, 403)
        assert ids(api.get(f"{GRADEBOOK}/results?filter=student.sourcedId='student-a'")) == {"result-a"}


# Sources


@pytest.mark.parametrize(
    ("granted", "own", "named"),
    [
        (None, "north", {"north", "south"}),
        (["north"], "north", {"north"}),
        (["south"], "south", {"south"}),
        (["south", "north"], "south", {"north", "south"}),
        (["unpublished"], None, set()),
        ([], None, set()),
    ],
)
def test_sources_are_read_as_granted(
    district: Roster, granted: list[str] | None, own: str | None, named: set[str]
) -> None:
    district.insert("orgs", "mark", {"name": "of the south", "type": "school"}, source="south")
    with serving(settings_for(district.url), district.key("k", sources=granted)) as api:
        marked = api.get(f"{ROSTERING}/orgs/mark").status_code == 200
        assert marked == (own == "south")
        for source in ("north", "south", "unpublished"):
            status = api.get(f"/sources/{source}{ROSTERING}/orgs").status_code
            assert status == (200 if source in named else 404)


# Kinds of clients


def test_without_credentials_nothing_is_read(district: Roster) -> None:
    with serving(settings_for(district.url), key=None) as api:
        for endpoint in (*ENDPOINTS, *ALIASES):
            path = endpoint.path(["nobody"] * len(endpoint.parameters))
            assert api.client.get(path).status_code == 401, path


@pytest.mark.parametrize("kind", ["empty", "wrong secret", "unknown", "revoked", "expired", "nonsense"])
@pytest.mark.parametrize("header", ["X-API-Key", "Bearer", "Basic"])
def test_with_bad_credentials_nothing_is_read(district: Roster, kind: str, header: str) -> None:
    district.key("revoked", is_active=False)
    district.key("expired", expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    sent = {
        "empty": "",
        "wrong secret": "reader.wrong",
        "unknown": "nobody.correct-horse",
        "revoked": "revoked.correct-horse",
        "expired": "expired.correct-horse",
        "nonsense": "…" * 50,
    }[kind]
    with serving(settings_for(district.url), key=None) as api:
        basic = base64.b64encode(sent.replace(".", ":", 1).encode()).decode() if kind != "nonsense" else sent
        name, text = {
            "X-API-Key": ("X-API-Key", sent),
            "Bearer": ("Authorization", f"Bearer {sent}"),
            "Basic": ("Authorization", f"Basic {basic}"),
        }[header]
        response = api.client.get(f"{ROSTERING}/orgs", headers={name: text.encode().decode("latin-1")})
        assert response.status_code == 401
        assert set(response.json) == {"imsx_codeMajor", "imsx_severity", "imsx_description", "imsx_CodeMinor"}


def test_every_kind_of_good_credentials_reads_the_same(district: Roster) -> None:
    basic = base64.b64encode(b"reader:correct-horse").decode()
    with serving(settings_for(district.url, ROSTERHUB_TOKEN_KEY="k" * 40), key=None) as api:
        granted = api.client.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
        )
        sent = [("X-API-Key", "reader.correct-horse"), ("Authorization", f"Basic {basic}")]
        sent.append(("Authorization", f"Bearer {granted.json['access_token']}"))
        answers = [api.client.get(f"{ROSTERING}/users", headers=dict([one])) for one in sent]
        assert [answer.status_code for answer in answers] == [200] * 3
        assert len({answer.text for answer in answers}) == 1


# Organisations


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda one: one.name)
def test_a_limited_client_sees_what_is_ruled(district_api: Api, collection: Collection) -> None:
    path = f"{base(collection)}/{collection.name}"
    everything = ids(district_api.get(path))
    limited = district_api.get(path, key=LIMITED)
    assert ids(limited) == OF_SCHOOL_A[collection.name]
    assert limited.headers["X-Total-Count"] == str(len(OF_SCHOOL_A[collection.name]))
    for id in everything:
        expected = 200 if id in OF_SCHOOL_A[collection.name] else 404
        assert district_api.get(f"{path}/{id}", key=LIMITED).status_code == expected, id


def test_descendants_are_seen_and_strangers_are_not(district_api: Api) -> None:
    path = f"{ROSTERING}/users"
    everyone = ids(district_api.get(path))
    assert ids(district_api.get(path, key="of-district.correct-horse")) == everyone
    orgs = ids(district_api.get(f"{ROSTERING}/orgs", key="of-district.correct-horse"))
    assert orgs == {"district", "school-a", "dept-a", "school-b"}


@pytest.mark.parametrize("orgs", [[], ["nowhere"], ["school-a "]])
def test_a_limit_to_nothing_that_exists_shows_no_organisations_records(district: Roster, orgs: list[str]) -> None:
    with serving(settings_for(district.url), district.key("k", orgs=orgs)) as api:
        for collection in COLLECTIONS:
            found = ids(api.get(f"{base(collection)}/{collection.name}"))
            assert not found or collection.entity.name in {"academicSessions", "categories"}


@pytest.mark.parametrize(
    "endpoint", [one for one in ENDPOINTS if one.parents], ids=lambda one: one.template.rpartition("v1p2")[2]
)
def test_nested_paths_show_the_visible_part(district_api: Api, endpoint: Endpoint) -> None:
    parents = [sorted(ids(district_api.get(f"{base(one)}/{one.name}"))) for one in endpoint.parents]
    visible = OF_SCHOOL_A[endpoint.collection.name]
    for named in itertools.product(*parents):
        full = district_api.get(endpoint.path(named))
        limited = district_api.get(endpoint.path(named), key=LIMITED)
        seen = all(id in OF_SCHOOL_A[one.name] for id, one in zip(named, endpoint.parents, strict=True))
        if full.status_code == 404 or not seen:
            assert limited.status_code == 404, named
        else:
            assert ids(limited) == ids(full) & visible, named


def names(collection: Collection) -> list[str]:
    """Names to filter and sort by, references followed once: whatever resolves."""
    plain = {column.json for entity in ENTITIES_BY_NAME.values() for column in entity.columns if column.json}
    plain |= {entity.embedding.json for entity in ENTITIES_BY_NAME.values() if entity.embedding}
    plain |= {"gradingPeriod"}
    dotted = (f"{head}.{tail}" for head, tail in itertools.product(sorted(plain), sorted(plain)))
    embedded = (f"roles.org.{name}" for name in sorted(plain))
    return [name for name in (*sorted(plain), *dotted, *embedded) if resolve(collection, name)]


def probes(collection: Collection) -> Iterator[str]:
    """Queries that try to tell something of what is invisible."""
    for name in names(collection):
        yield "filter=" + quote(f"sourcedId='x' OR {name}~'{SECRET}'")
        yield f"sort={name}&orderBy=desc"
    for name in ("sourcedId", "status"):
        yield "filter=" + quote(f"{name}!='x' OR {name}>'A'")


@contextmanager
def served(url: str) -> Iterator[Api]:
    with serving(settings_for(url), LIMITED) as api:
        yield api


def answers(api: Api, collection: Collection) -> dict[str, tuple[int, str, str | None]]:
    path = f"{base(collection)}/{collection.name}"
    found = {}
    for query in probes(collection):
        response = api.get(f"{path}?{query}")
        found[query] = (response.status_code, response.text, response.headers.get("X-Total-Count"))
    return found


@pytest.mark.parametrize("name", ["orgs", "classes", "users", "enrollments", "lineItems", "results", "courses"])
def test_nothing_invisible_changes_an_answer(district: Roster, name: str) -> None:
    """Whatever becomes of the invisible records' values, no filter, sort or total of a limited client notices."""
    collection = BY_NAME[name]
    with served(district.url) as api:
        before = answers(api, collection)
    for entity, columns in {
        "orgs": "name, identifier",
        "courses": "title",
        "classes": "title",
        "users": "username, given_name, family_name, email",
        "line_items": "title",
        "results": "comment",
        "resources": "title, vendor_resource_id",
    }.items():
        for column in columns.split(", "):
            district.connection.execute(
                f"UPDATE {entity} SET {column} = 'Another' WHERE {column} LIKE %s", [f"%{SECRET}%"]
            )
    with served(district.url) as api:
        assert answers(api, collection) == before
    assert {status for status, *_ in before.values()} <= {200, 400}
    assert sum(status == 200 for status, *_ in before.values()) > 20


def test_no_answer_to_a_limited_client_holds_an_invisible_value(district_api: Api) -> None:
    for collection in COLLECTIONS:
        for text in ("", "?filter=sourcedId!='x' OR status='active'", "?sort=status&limit=1&offset=1"):
            response = district_api.get(f"{base(collection)}/{collection.name}{text}", key=LIMITED)
            assert SECRET not in response.text
