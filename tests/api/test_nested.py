"""What belongs to a record: every path below one, by hand over a small roster, and what is not there."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.collections import ALIAS, ALIASES, ENDPOINTS, Endpoint
from tests.api import official
from tests.api import school as schools
from tests.api.conftest import ROSTERING, Api, serving_filled
from tests.api.roster import Roster
from tests.servers import PostgresServer

NESTED = {endpoint.template.partition("/v1p2/")[2]: endpoint for endpoint in ENDPOINTS if endpoint.nested}

# (path, ids): what links is active, what is linked may be a tombstone (e2, c3, g2, l2 and z are)
TABLE = (
    ("classes/c1/students", "a"),  # b was, x has only a role
    ("classes/c2/students", "b z"),
    ("classes/c1/teachers", "t"),
    ("classes/c2/teachers", ""),
    ("courses/k1/classes", "c1 c3"),
    ("schools/n/classes", "c1 c3"),
    ("schools/n/classes/c1/enrollments", "e1 e2 e3 e6"),
    ("schools/n/classes/c1/students", "a"),
    ("schools/n/classes/c1/teachers", "t"),
    ("schools/n/courses", "k1"),
    ("schools/s/courses", "k2"),  # the district's, taught there
    ("schools/n/enrollments", "e1 e2 e3 e6 e7"),
    ("schools/n/students", "a x"),  # by enrollment or role
    ("schools/s/students", "b z"),
    ("schools/n/teachers", "t"),
    ("schools/s/teachers", "w"),
    ("schools/n/terms", "t1"),  # t2 is that of a class that is gone
    ("schools/s/terms", "t1"),
    ("schools/empty/terms", ""),
    ("students/a/classes", "c1 c3"),
    ("students/b/classes", "c2"),
    ("teachers/t/classes", "c1"),
    ("users/p/classes", "c1"),
    ("users/t/classes", "c1"),
    ("terms/t1/classes", "c1 c2"),
    ("terms/t2/classes", "c3"),
    ("terms/t1/gradingPeriods", "g1 g2"),
    ("classes/c1/resources", "b1"),
    ("courses/k1/resources", "b2"),
    ("users/a/resources", "b1 b3"),  # by a link and by the user's own list
    ("classes/c1/categories", "a1"),
    ("classes/c1/lineItems", "l1 l2"),
    ("classes/c1/lineItems/l1/results", "r1 r2 r5"),
    ("classes/c1/results", "r1 r2 r5"),  # by their own class or that of their line item
    ("classes/c2/results", "r3"),
    ("classes/c1/scoreScales", "s1"),
    ("classes/c1/students/a/results", "r1 r2"),
    ("classes/c1/students/x/results", ""),
    ("schools/n/scoreScales", "s1"),
)

NOT_THERE = (
    *(("classes/nobody/students", "class"), ("users/nobody/resources", "user"), ("courses/nobody/classes", "course")),
    *(("schools/d/classes", "school"), ("schools/c1/classes", "school"), ("schools/d/scoreScales", "school")),
    *(("schools/s/classes/c1/students", "class"), ("schools/s/classes/c1/enrollments", "class")),
    *(("schools/d/classes/c1/teachers", "school"), ("schools/nobody/classes/nobody/teachers", "school")),
    *(("students/t/classes", "student"), ("teachers/a/classes", "teacher"), ("students/p/classes", "student")),
    *(("terms/g1/classes", "term"), ("terms/y/gradingPeriods", "term"), ("classes/%00/students", "class")),
    *(("classes/c2/lineItems/l1/results", "lineItem"), ("classes/c1/lineItems/nothing/results", "lineItem")),
    *(("classes/c1/students/t/results", "student"), ("classes/nobody/students/a/results", "class")),
)


@pytest.fixture(scope="module")
def school(postgres_server: PostgresServer) -> Iterator[Api]:
    """The API over that roster, which all tests here only read."""
    with serving_filled(postgres_server, schools.fill) as api:
        yield api


def endpoint_of(path: str) -> Endpoint:
    """The endpoint that a path of the tables belongs to: every other step is an id."""
    names = path.split("/")[::2]
    return next(
        endpoint
        for endpoint in NESTED.values()
        if [*(parent.name for parent in endpoint.parents), endpoint.collection.name] == names
    )


def url(path: str) -> str:
    """The URL of a path of the tables."""
    endpoint = endpoint_of(path)
    return f"{endpoint.template.partition('/v1p2/')[0]}/v1p2/{path}"


def ids(body: Any) -> list[str]:
    (records,) = body.values()
    return [record["sourcedId"] for record in records]


def test_the_table_has_every_path() -> None:
    assert {endpoint_of(path) for path, _ in TABLE} == set(NESTED.values())
    assert len(NESTED) == 27


@pytest.mark.parametrize("service", ["rostering", "resources", "gradebook"])
def test_the_endpoints_are_the_standards(service: str) -> None:
    """41, 5 and 19 paths that answer GET, with the same names of parameters."""
    paths = {path for path, item in official.document(service)["paths"].items() if "get" in item}
    ours = {endpoint.template for endpoint in ENDPOINTS if endpoint.collection.entity.service == service}
    assert ours == {f"/ims/oneroster/{service}/v1p2{path}" for path in paths}


@pytest.mark.parametrize(("path", "expected"), TABLE)
def test_what_belongs_to_a_record(school: Api, path: str, expected: str) -> None:
    response = school.get(url(path))
    assert (response.status_code, ids(response.json)) == (200, expected.split())
    assert response.headers["X-Total-Count"] == str(len(expected.split()))
    endpoint = endpoint_of(path)
    form = endpoint.template.partition("/v1p2")[2]
    assert official.faults(endpoint.collection.entity.service, form, "200", response.json) == []


@pytest.mark.parametrize(("path", "named"), NOT_THERE)
def test_a_parent_that_is_not_there_or_of_another_kind(school: Api, path: str, named: str) -> None:
    response = school.get(url(path))
    assert response.status_code == 404
    assert response.json["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == "unknownobject"
    assert response.json["imsx_description"] == f"The {named} of this sourcedId was not found."


def test_a_parent_is_asked_for_before_the_page_is_read_from_the_cache(school: Api) -> None:
    assert school.get(url("schools/d/classes") + "?limit=1").status_code == 404
    assert school.get(url("schools/d/classes") + "?filter=nothing='x'").status_code == 400


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_filters_orders_and_fields_work_below_a_record(school: Api, limit: int) -> None:
    query = "filter=role!='administrator'&sort=user&orderBy=desc&fields=sourcedId"
    path = url("schools/n/enrollments")
    met, total = [], 4
    while len(met) < total:
        response = school.get(f"{path}?{query}&limit={limit}&offset={len(met)}")
        assert response.headers["X-Total-Count"] == str(total)
        assert f"https://hub.example{path}?limit={limit}" in response.headers["Link"]
        assert all(set(record) == {"sourcedId"} for record in response.json["enrollments"])
        met += ids(response.json)
    assert met == ["e3", "e2", "e7", "e1"]


@pytest.mark.parametrize("prefix", ["", "/sources/north"])
def test_the_alias_says_what_its_base_says(school: Api, prefix: str) -> None:
    paths = [path for path, _ in TABLE if endpoint_of(path).collection.entity.service == "rostering"]
    for path in (*paths, "users", "users/a", "students", "terms/t1"):
        usual, alias = school.get(f"{prefix}{ROSTERING}/{path}"), school.get(f"{prefix}{ALIAS}/{path}")
        assert alias.json == usual.json
        assert alias.headers["ETag"] == usual.headers["ETag"]
        assert alias.headers.get("Link", "") == usual.headers.get("Link", "").replace(ROSTERING, ALIAS)


def test_a_named_source_is_in_every_address(school: Api) -> None:
    plain = school.get(url("classes/c1/students"))
    named = school.get("/sources/north" + url("classes/c1/students"))
    assert named.text == plain.text.replace("https://hub.example/", "https://hub.example/sources/north/")
    assert f"<https://hub.example/sources/north{url('classes/c1/students')}?" in named.headers["Link"]
    assert school.get("/sources/nowhere" + url("classes/c1/students")).status_code == 404


@pytest.mark.parametrize("endpoint", [*ENDPOINTS, *ALIASES], ids=lambda endpoint: endpoint.template)
def test_whatever_is_not_read_is_refused(school: Api, endpoint: Endpoint) -> None:
    path = endpoint.path(["c1"] * len(endpoint.parameters))
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for prefix in ("", "/sources/north"):
            response = school.get(prefix + path, method=method)
            assert (response.status_code, response.content_type) == (405, "application/json")
            assert response.get_json()["imsx_codeMajor"] == "unsupported"
            assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}
    assert school.get(path, method="HEAD").status_code == school.get(path).status_code


AWKWARD = ("a/b", "a//b", "/a", "a/", "a%2Fb", "a%b", "a b", "a+b", "é", "あ", "a?b", "a#b", "a;b", "a'b", '"', "𠮷",
           "a&b=c", "classes", "a/b/c/d", "%00", "..%2F..")  # fmt: skip


def test_ids_may_hold_what_urls_cannot(roster: Roster, api: Api) -> None:
    roster.publish()
    roster.user("u")
    for id in AWKWARD:
        roster.insert("orgs", id, {"name": "N", "type": "school"})
        link = {"schoolSourcedId": id, "courseSourcedId": id, "termSourcedIds": [id]}
        roster.insert("classes", id, {"title": "T", "classType": "scheduled", **link})
        enrollment = {"userSourcedId": "u", "classSourcedId": id, "schoolSourcedId": id, "role": "student"}
        roster.insert("enrollments", f"e {id}", enrollment)
    for id in AWKWARD:
        for names, found in (
            ("schools/{schoolSourcedId}/classes", id),
            ("classes/{classSourcedId}/students", "u"),
            ("schools/{schoolSourcedId}/classes/{classSourcedId}/students", "u"),
            ("schools/{schoolSourcedId}/classes/{classSourcedId}/enrollments", f"e {id}"),
        ):
            endpoint = NESTED[names]
            response = api.get(endpoint.path([id] * len(endpoint.parents)))
            assert (response.status_code, ids(response.json)) == (200, [found])
        (enrollment,) = api.json(f"{NESTED['schools/{schoolSourcedId}/enrollments'].path([id])}")["enrollments"]
        href = enrollment["class"]["href"]
        assert api.json(href.removeprefix("https://hub.example"))["class"]["sourcedId"] == id
