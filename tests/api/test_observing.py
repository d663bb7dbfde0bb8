"""Probes, metrics and the access log."""

import dataclasses
import json

import psycopg
import pytest

from api.settings import Settings
from pipelines.roster.migrations import upgrade
from tests.api import official
from tests.api.conftest import ROSTERING, Api, serving
from tests.api.roster import Roster

ORGS = f"{ROSTERING}/orgs"
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def test_probes_need_no_key(roster: Roster, api: Api) -> None:
    api.key = None
    assert [api.get(path).status_code for path in ("/", "/health/live", "/health/ready", "/health", "/metrics")] == [
        200
    ] * 5


def test_health_tells_how_dependencies_do_and_what_is_served(roster: Roster, api: Api) -> None:
    roster.publish()
    roster.publish("south")
    roster.publish()
    health = api.json("/health")
    assert health["status"] == "ok"
    assert health["dependencies"]["database"]["status"] == "ok"
    assert health["dependencies"]["redis"]["status"] == "unused"
    assert health["dependencies"]["database"]["latency_ms"] >= 0
    assert health["sources"] == {
        "north": {"generation": 2, "last_publication": "2026-08-01T04:05:06.000Z", "needs_bulk": False},
        "south": {"generation": 1, "last_publication": "2026-08-01T04:05:06.000Z", "needs_bulk": False},
    }


def test_health_tells_of_backups_and_room(roster: Roster, api: Api) -> None:
    assert api.json("/health")["last_backup"] is None
    roster.connection.execute(
        "INSERT INTO backups (created_at, seconds, bytes, rows, path, drilled_at, drill_seconds, is_good)"
        " VALUES ('2026-08-01T03:00Z', 4, 1000, 9, 'a', '2026-08-01T04:00Z', 6, true)"
    )
    health = api.json("/health")
    assert health["last_backup"].pop("age_seconds") > 0
    assert health["last_backup"] == {"created_at": "2026-08-01T03:00:00.000Z", "bytes": 1000}
    assert health["last_drill"] == {"drilled_at": "2026-08-01T04:00:00.000Z", "good": True}
    assert 0 < health["disk"]["free_bytes"] < health["disk"]["total_bytes"]


def test_what_there_is_inside_is_not_for_everybody(roster: Roster, api: Api) -> None:
    roster.publish()
    response = api.client.get("/health", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert response.status_code == 200
    assert response.json["sources"] == {}
    assert not {"last_backup", "last_drill", "disk"} & response.json.keys()


def test_redis_away_is_degraded_but_ready(settings: Settings) -> None:
    with serving(dataclasses.replace(settings, redis_url="redis://127.0.0.1:1/0")) as api:
        assert api.json("/health/ready") == {"status": "degraded"}
        assert api.json("/health")["dependencies"]["redis"]["status"] == "away"


def test_database_away_is_alive_but_not_ready(settings: Settings) -> None:
    with serving(dataclasses.replace(settings, owner_url=NOWHERE, pool_seconds=0.2)) as api:
        assert api.get("/health/live").status_code == 200
        assert api.get("/health/ready").status_code == 503
        health = api.get("/health")
        assert (health.status_code, health.get_json()["status"]) == (503, "down")
        answer = api.get(ORGS, key="reader.correct-horse")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_database_without_tables_is_not_ready(settings: Settings, database_url: str) -> None:
    with serving(dataclasses.replace(settings, owner_url=database_url)) as api:
        response = api.get("/health/ready")
        assert response.status_code == 503
        assert "not migrated" in response.get_json()["imsx_description"]
        assert api.get(ORGS, key="reader.correct-horse").status_code == 503
        upgrade(database_url)
        assert api.get("/health/ready").status_code == 200


def test_under_maintenance_only_probes_answer(settings: Settings) -> None:
    with serving(dataclasses.replace(settings, maintenance=True)) as api:
        for path in (ORGS, "/", "/nowhere"):
            response = api.get(path)
            assert response.status_code == 503
            assert response.headers["Retry-After"] == "300"
            assert official.faults("rostering", "/orgs", "default", response.json) == []
        statuses = {
            path: api.get(path).status_code for path in ("/health/live", "/metrics", "/health/ready", "/health")
        }
        assert statuses == {"/health/live": 200, "/metrics": 200, "/health/ready": 503, "/health": 503}


def test_requests_are_counted_by_rule(roster: Roster, api: Api) -> None:
    roster.publish()
    for path in (ORGS, ORGS, f"{ORGS}/1", "/nowhere/1", "/nowhere/2"):
        api.get(path)
    api.get(ORGS, method="BREW")
    text = api.get("/metrics").text
    assert f'http_requests_total{{method="GET",route="{ORGS}",status="200"}} 2.0' in text
    assert f'http_requests_total{{method="GET",route="{ORGS}/<sourced_id:sourcedId>",status="404"}} 1.0' in text
    assert 'http_requests_total{method="GET",route="unmatched",status="404"} 2.0' in text
    assert 'http_requests_total{method="other",route="unmatched",status="405"} 1.0' in text
    assert f'http_request_duration_seconds_bucket{{le="+Inf",method="GET",route="{ORGS}"}} 2.0' in text
    assert 'route="/metrics"' not in text


def test_every_application_counts_for_itself(settings: Settings) -> None:
    with serving(settings) as first, serving(settings) as second:
        first.get("/nowhere")
        assert 'route="unmatched"' in first.get("/metrics").text
        assert 'route="unmatched"' not in second.get("/metrics").text


def test_a_request_is_one_line_without_values(roster: Roster, api: Api, access_log: list[str]) -> None:
    roster.publish()
    api.get(f"{ORGS}?limit=5&filter=familyName%3D'Yamada'", X_Request_Id="r1")
    (line,) = access_log
    told = json.loads(line)
    assert told.pop("ms") >= 0
    assert told.pop("time")
    assert told == {
        "request_id": "r1",
        "client": "reader",
        "method": "GET",
        "path": ORGS,
        "status": 400,
        "bytes": told["bytes"],
        "generation": None,
    }
    assert "Yamada" not in line
    assert "correct-horse" not in line


def test_secrets_are_in_no_log_and_no_answer(api: Api, access_log: list[str], caplog: pytest.LogCaptureFixture) -> None:
    response = api.get(ORGS, key="reader.open-sesame")
    assert response.status_code == 401
    for text in (response.text, str(response.headers), *access_log, caplog.text):
        assert "open-sesame" not in text


def test_migrated_means_every_table(roster: Roster, api: Api) -> None:
    with psycopg.connect(roster.url) as connection:
        connection.execute("DROP TABLE results")
    assert api.get("/health/ready").status_code == 503
