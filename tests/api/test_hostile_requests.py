"""Whatever is thrown at the API: an answer with data, or the standard's error; never a fault of the server."""

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app
from werkzeug.wrappers import Response

from api.collections import COLLECTIONS, ENDPOINTS
from tests.api import official
from tests.api.conftest import ROSTERING, Api, serving_filled
from tests.api.query.names import names
from tests.api.query.table import PREDICATES
from tests.api.roster import bare, fill_everything
from tests.servers import PostgresServer

USERS = f"{ROSTERING}/users"


@pytest.fixture(scope="module")
def api(postgres_server: PostgresServer) -> Iterator[Api]:
    """One database for all tests here: they only read."""
    with serving_filled(postgres_server, fill_everything) as api:
        yield api


def ask(api: Api, path: str, query: bytes) -> Response:
    """The answer to a request as a server hands it over: the path decoded, the query string raw."""
    environ = create_environ("/", headers={"X-API-Key": str(api.key)})
    environ["PATH_INFO"] = path.encode("utf-8", "surrogateescape").decode("latin-1")
    environ["QUERY_STRING"] = query.decode("latin-1")
    return Response(*_parts(run_wsgi_app(api.client.application, environ, buffered=True)))


def _parts(answer: Any) -> tuple[Any, str, Any]:
    body, status, headers = answer
    return b"".join(body), status, headers


def assert_standard(response: Response) -> None:
    """Data under the collection's name, or the standard's error."""
    assert response.mimetype == "application/json"
    assert response.status_code in {200, 400, 404, 414}, response.get_data(as_text=True)
    if response.status_code != 200:
        assert official.faults("rostering", "/orgs", "default", response.json) == []


# (query string as it is sent, status, minor code)
NASTY = (
    (b"limit=0", 400, "invaliddata"),
    (b"limit=1&limit=1", 400, "invaliddata"),
    (b"offset=2147483648", 400, "invaliddata"),
    (b"offset=2147483647", 200, ""),
    (b"limit=99999999999999999", 200, ""),
    (b"limit=9999999999999999999", 400, "invaliddata"),
    (b"filter=a%27%FF%27", 400, "invaliddata"),
    (b"filter=familyName='\xff'", 400, "invaliddata"),
    (b"filter=familyName='\xed\xa0\x80'", 400, "invaliddata"),
    (b"filter=familyName%3D%27%00%27", 400, "invalid_filter_field"),
    (b"filter=familyName%00%3D%27x%27", 400, "invalid_filter_field"),
    (b"filter=metadata.%00%3D%27x%27", 400, "invalid_filter_field"),
    (b"filter=roles.userProfile%3D%27urn:rosterhub:%2500%27", 400, "invalid_filter_field"),
    (b"filter=familyName='x'&filter=familyName='x'", 400, "invaliddata"),
    (b"filter=familyName='O''Neil'", 200, ""),
    (b"filter=dateLastModified>'2026-01-01' AND dateLastModified<='2026-12-31'", 200, ""),
    (b"filter=dateLastModified>'2026-01-01T00:00:00+09:00'", 200, ""),
    ("filter=familyName='山田'".encode(), 200, ""),
    ("filter=姓='山田'".encode(), 400, "invalid_filter_field"),
    (b"filter=" + quote("familyName~'" + "あ" * 800 + "'").encode(), 200, ""),
    (b"filter=familyName='" + b"x" * 10_240 + b"'", 200, ""),
    (b"filter=" + quote("familyName~'" + "山" * 3_400 + "'").encode(), 200, ""),
    (
        b"filter=" + quote(" OR ".join(f"sourcedId='{uuid.UUID(int=number)}'" for number in range(200))).encode(),
        200,
        "",
    ),
    (b"filter=" + quote(" OR ".join("sourcedId='x'" for _ in range(201))).encode(), 400, "invalid_filter_field"),
    (b"filter=familyName='%'", 200, ""),
    (b"filter=familyName='%zz'", 200, ""),
    (b"sort=%00", 400, "invaliddata"),
    (b"sort=familyName&after=%F0%9F%98%80", 400, "invaliddata"),
    (b"sort=familyName&sort=familyName", 400, "invaliddata"),
    (b"orderBy=sideways", 400, "invaliddata"),
    (b"fields=", 400, "invalid_selection_field"),
    (b"fields=%00", 200, ""),
    (b"&&&=&=x&?&%", 200, ""),
    (b"x=" + b"y" * 100_000, 414, "invaliddata"),
)


@pytest.mark.parametrize(("query", "status", "minor"), NASTY, ids=[repr(query[:60]) for query, _, _ in NASTY])
def test_nasty_queries(api: Api, query: bytes, status: int, minor: str) -> None:
    response = ask(api, USERS, query)
    assert_standard(response)
    assert response.status_code == status
    if minor:
        assert response.json["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"] == minor


@pytest.mark.parametrize(
    "path",
    [
        f"{USERS}/\0",
        f"{USERS}/\udcff",
        f"{USERS}/'; DROP TABLE users; --",
        f"{USERS}/%(source)s",
        f"{USERS}/{'x' * 20_000}",
        f"{ROSTERING}/classes/\0/students",
        f"{ROSTERING}/classes/x' OR '1'='1/students",
        f"{ROSTERING}/schools/x/classes/\udcff\0/students",
        f"/sources/nor'th{USERS}",
        f"/sources/\0{USERS}",
        f"/sources/../sources/north{USERS}",
    ],
)
def test_nasty_paths(api: Api, path: str) -> None:
    response = ask(api, path, b"")
    assert_standard(response)
    assert response.status_code == 404


def test_what_is_nasty_is_still_there_afterwards(api: Api) -> None:
    assert api.json(USERS)["users"]


PLAIN = st.text(st.characters(codec="utf-8"), max_size=12)
FILTERS = st.lists(
    st.builds(
        lambda name, predicate, value: f"{name}{predicate}'{value}'",
        st.sampled_from([name for collection in COLLECTIONS for name in names(collection)]) | PLAIN,
        st.sampled_from(PREDICATES),
        PLAIN | st.sampled_from(["true", "2026-04-01", "2026-08-01T00:00:00Z", "30", "-1e3", "09,10", bare("org")]),
    ),
    min_size=1,
    max_size=4,
).map(" AND ".join)
VALUES = {
    "filter": FILTERS | PLAIN,
    "sort": st.sampled_from([name for collection in COLLECTIONS for name in names(collection)]) | PLAIN,
    "orderBy": st.sampled_from(["asc", "desc"]) | PLAIN,
    "after": PLAIN,
    "fields": PLAIN | st.sampled_from(["sourcedId", "roles,metadata"]),
    "limit": st.integers(-1, 20_000).map(str) | PLAIN,
    "offset": st.integers(-1, 2**32).map(str) | PLAIN,
}
PARAMETERS = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(lambda name: st.tuples(st.just(name), VALUES[name])), max_size=4
)
ENCODED = PARAMETERS.map(lambda given: "&".join(f"{name}={quote(value)}" for name, value in given).encode())
PATHS = st.sampled_from([endpoint.path([bare("class")] * len(endpoint.parameters)) for endpoint in ENDPOINTS])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PATHS, ENCODED | st.binary(max_size=60))
@example(USERS, b"sort=familyName&after=bnVsbA")
def test_random_queries_are_answered_in_the_standards_words(api: Api, path: str, query: bytes) -> None:
    response = ask(api, path, query)
    assert_standard(response)
