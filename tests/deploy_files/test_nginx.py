"""The shipped nginx in front of the real API under gunicorn; stubs stand for Dagster and Grafana."""

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import editions, errors
from api.browsers import HEADERS, TRANSPORT
from deploy.local import ports
from deploy.validation import nginx
from pipelines.roster.migrations import upgrade
from tests.api import roster as rosters
from tests.deploy_files import front as fronts
from tests.deploy_files.front import PASSWORD, USER, Answer, Front
from tests.journeys import running
from tests.servers import PostgresServer

USERS = "/ims/oneroster/rostering/v1p2/users"
KEY = {"X_API_Key": rosters.HEADER}


@pytest.fixture(scope="module")
def api(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real API with a few records, as nginx is told of it: host and port."""
    folder = tmp_path_factory.mktemp("api")
    with postgres_server.database(template=postgres_server.migrated(upgrade)) as url, rosters.opened(url) as roster:
        roster.key()
        rosters.fill_everything(roster)
        variables = {
            "DATABASE_URL": url,
            "ROSTERHUB_HOME": str(folder),
            "ROSTERHUB_TRUSTED_PROXIES": "127.0.0.0/8",
            "ROSTERHUB_PUBLIC_URL": "https://localhost",
        }
        service = running.gunicorn(folder, variables)
        with running.running(service):
            yield service.where.removeprefix("http://")


@pytest.fixture(scope="module")
def stub() -> Iterator[str]:
    with fronts.mirror() as address:
        yield address


@pytest.fixture(scope="module")
def front(api: str, stub: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    upstreams = {"ROSTERHUB_NGINX_API": api, "ROSTERHUB_NGINX_DAGSTER": stub, "ROSTERHUB_NGINX_GRAFANA": stub}
    with fronts.serving(tmp_path_factory.mktemp("nginx"), **upstreams) as served:
        yield served


@pytest.fixture
def slow_front(stub: str, tmp_path: Path) -> Iterator[Front]:
    """Lets one request a second through, and has no API behind it."""
    away = f"127.0.0.1:{ports.unused()}"
    values = {
        "ROSTERHUB_NGINX_API": away,
        "ROSTERHUB_NGINX_DAGSTER": stub,
        "ROSTERHUB_NGINX_GRAFANA": stub,
        "ROSTERHUB_NGINX_RATE": "1",
        "ROSTERHUB_NGINX_BURST": "4",
    }
    with fronts.serving(tmp_path / "nginx", **values) as served:
        yield served


def credentials(password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()}


def test_the_api_is_reached_over_tls(front: Front) -> None:
    answer = front.get(USERS, **KEY)
    assert answer.status == 200
    assert answer.json["users"]
    assert for_browsers(answer) == {**HEADERS, **TRANSPORT}
    assert answer.headers["server"] == "nginx"


def test_without_tls_one_is_sent_to_it(front: Front) -> None:
    answer = front.get_plainly(f"{USERS}?limit=1")
    assert (answer.status, answer.headers["location"]) == (308, f"https://localhost{USERS}?limit=1")
    assert front.get_plainly("/health/nginx").status == 200


def test_an_etag_holds_through_compression(front: Front) -> None:
    packed = front.get(USERS, Accept_Encoding="gzip", **KEY)
    assert packed.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.body))["users"]
    again = front.get(USERS, Accept_Encoding="gzip", If_None_Match=packed.headers["etag"], **KEY)
    assert (again.status, again.body) == (304, b"")


def test_metrics_and_details_are_closed_and_probes_are_open(front: Front) -> None:
    assert front.get("/metrics").json == told(404, "There is nothing at this URL.")
    assert [front.get(path).status for path in ("/health", "/nginx-error")] == [404, 404]
    assert [front.get(path).status for path in ("/health/live", "/health/ready")] == [200, 200]


def test_a_request_keeps_its_id_and_gets_one_otherwise(front: Front) -> None:
    assert front.get(USERS, X_Request_Id="night-shift_1.a", **KEY).headers["x-request-id"] == "night-shift_1.a"
    assert front.get("/metrics", X_Request_Id="mine").headers["x-request-id"] == "mine"
    assert len(front.get(USERS, X_Request_Id="x" * 65, **KEY).headers["x-request-id"]) == 32
    assert "night-shift_1.a" in front.log


def test_upstreams_are_told_who_asks(front: Front) -> None:
    seen = front.get("/grafana/d/oneroster-overview", X_Forwarded_For="203.0.113.9").json
    assert seen["path"] == "/grafana/d/oneroster-overview"
    told = {name: seen["headers"][name] for name in ("x-forwarded-for", "x-forwarded-proto", "host")}
    assert told == {"x-forwarded-for": "203.0.113.9, 127.0.0.1", "x-forwarded-proto": "https", "host": "localhost"}


def test_dagster_asks_for_a_password(front: Front) -> None:
    assert front.get("/dagster/").status == 401
    assert front.get("/dagster/graphql", **credentials("guessed")).status == 401
    answer = front.get("/dagster/graphql", **credentials())
    assert (answer.status, answer.json["path"]) == (200, "/dagster/graphql")
    assert front.get("/dagster").status == 308


def test_websockets_of_dagster_get_through_and_none_of_the_api(front: Front) -> None:
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
    seen = front.get("/dagster/graphql", **credentials(), **upgrade).json["headers"]
    assert (seen["upgrade"], seen["connection"]) == ("websocket", "upgrade")
    seen = front.get("/dagster/graphql", **credentials(), Upgrade="h2c", Connection="Upgrade").json["headers"]
    assert "upgrade" not in seen


def test_filters_of_ten_kilobytes_pass(front: Front) -> None:
    filters = "%20OR%20".join(f"sourcedId%3D%27{number:036}%27" for number in range(150))
    assert len(filters) > 10_000 - 2_000
    assert front.get(f"{USERS}?filter={filters}", **KEY).status == 200


@pytest.mark.parametrize("base", ["/ims/oneroster/rostering/v1p2", "/ims/oneroster/v1p1"])
def test_what_is_too_large_is_refused_in_the_standards_words(front: Front, base: str) -> None:
    large = front.get(f"{base}/users", "POST", b"x" * 70_000)
    edition = editions.spoken_at(base)
    description = "The request has a body, and it is too large: a read needs none."
    assert (large.status, large.json) == (413, told(413, description, edition))
    long = front.get(f"{base}/users?filter={'x' * 40_000}")
    assert (long.status, long.json) == (414, told(414, "The URL is too long.", editions.V1P2))


@pytest.mark.parametrize("path", [USERS, "/ims/oneroster/v1p1/users", "/sources/north/ims/oneroster/v1p1/users"])
def test_an_api_that_is_away_is_503_in_the_standards_words(slow_front: Front, path: str) -> None:
    answer = slow_front.get(path)
    description = "The server is not reachable at the moment. Please try again."
    assert (answer.status, answer.json) == (503, told(503, description, editions.spoken_at(path)))
    assert answer.headers["content-type"] == "application/json"
    assert (answer.headers["retry-after"], answer.headers["cache-control"]) == ("5", "no-store")
    assert for_browsers(answer) == {**HEADERS, **TRANSPORT}


def test_a_flood_is_429_in_the_standards_words(slow_front: Front) -> None:
    answers = [slow_front.get(USERS) for _ in range(12)]
    refused = [answer for answer in answers if answer.status == 429]
    assert len(refused) >= 5
    assert refused[0].json == told(429, "Too many requests from this address. Please slow down.")
    assert refused[0].headers["retry-after"] == "1"


def test_no_query_is_logged(front: Front) -> None:
    front.get(f"{USERS}?filter=familyName%3D%27Secretive%27", **KEY)
    front.get("/metrics?who=Secretive")
    assert "Secretive" not in front.log
    assert not any("?" in json.loads(line)["path"] for line in front.log.splitlines())


def test_the_image_is_told_of_no_variable_that_the_template_has_not() -> None:
    template = nginx.TEMPLATE.read_text()
    unused = {name for name in nginx.settings() if name.startswith("ROSTERHUB_") and f"${{{name}}}" not in template}
    assert unused == set()


def for_browsers(answer: Answer) -> dict[str, str]:
    return {name: answer.headers[name.lower()] for name in (*HEADERS, *TRANSPORT) if name.lower() in answer.headers}


def told(status: int, description: str, edition: Any = editions.V1P2) -> dict[str, object]:
    return json.loads(json.dumps(errors.status_info(status, description, edition=edition)))  # type: ignore[no-any-return]
