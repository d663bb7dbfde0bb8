"""The audit log: what is in a row and what never is, and that rows arrive once, whatever is away meanwhile."""

import dataclasses
import json
import os
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import dict_row

from api.security.audit.masking import masked, masked_filter
from api.security.audit.rows import row_id
from api.security.audit.spool import Spool
from api.security.audit.trail import Trail
from api.settings import Settings
from pipelines.contract import API_ROLE
from tests.api.conftest import ROSTERING, serving, settings_for
from tests.api.roster import HEADER, KEY, SECRET, Roster

ORGS = f"{ROSTERING}/orgs"
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
TOKEN_KEY = "k" * 32


@pytest.fixture
def settings(roster: Roster, tmp_path: Path) -> Settings:
    roster.publish()
    return settings_for(roster.url, ROSTERHUB_AUDIT_SPOOL=str(tmp_path / "spool"), ROSTERHUB_TOKEN_KEY=TOKEN_KEY)


def logged(roster: Roster) -> list[dict[str, Any]]:
    with roster.connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM api_key_audit_logs ORDER BY created_at, id").fetchall()


def test_a_row_says_who_asked_what_and_how_it_ended(roster: Roster, settings: Settings) -> None:
    with serving(settings) as api:
        api.get(f"{ORGS}/nobody?fields=name", X_Request_Id="r1", User_Agent="client/1.0")
    (row,) = logged(roster)
    assert row.pop("created_at") is not None
    assert row.pop("duration_ms") > 0
    assert row.pop("id").version == 7
    assert str(row.pop("address")) == "127.0.0.1"
    assert row == {
        "key": KEY,
        "method": "GET",
        "route": f"{ORGS}/<sourced_id:sourcedId>",
        "path": f"{ORGS}/nobody",
        "query": "fields",
        "status": 404,
        "user_agent": "client/1.0",
        "request_id": "r1",
    }


def test_denied_calls_are_logged_and_probes_are_not(roster: Roster, settings: Settings) -> None:
    roster.key("slow", requests_per_minute=1)
    with serving(settings, key=None) as api:
        for path in ("/", "/health", "/health/live", "/metrics", "/nowhere"):
            api.get(path)
        api.get(ORGS)
        api.get(ORGS, key="nobody.x")
        api.get(ORGS, key=f"{KEY}.wrong")
        api.get(f"/sources/nowhere{ORGS}", key=HEADER)
        api.get("/ims/oneroster/nothing", key=HEADER)
        for _ in range(2):
            api.get(ORGS, key=f"slow.{SECRET}")
        api.client.post("/oauth/token", data={"grant_type": "client_credentials"})
        api.get(ORGS, method="DELETE", key=HEADER)
    told = [(row["key"], row["status"]) for row in logged(roster)]
    assert told == [
        *((None, 401), (None, 401), (KEY, 401), (KEY, 404), (None, 404)),
        *(("slow", 200), ("slow", 429), (None, 401), (None, 405)),
    ]


def test_calls_under_maintenance_are_logged(roster: Roster, settings: Settings) -> None:
    with serving(dataclasses.replace(settings, maintenance=True)) as api:
        api.get(ORGS)
    assert [row["status"] for row in logged(roster)] == [503]


def test_no_secret_and_no_value_is_logged(roster: Roster, settings: Settings) -> None:
    secrets = (SECRET, "open-sesame", "Yamada")
    with serving(settings) as api:
        api.get(f"{ORGS}?filter=name%3D'Yamada'&Yamada%20Taro=1&sort=Yamada")
        api.get(f"{ORGS}?filter=name%3DYamada", key=f"{KEY}.open-sesame")
        own = {"grant_type": "client_credentials", "client_id": KEY, "client_secret": "open-sesame"}
        api.client.post("/oauth/token", data=own)
        own["client_secret"] = SECRET
        token = api.client.post("/oauth/token", data=own).get_json()["access_token"]
        api.client.get(ORGS, headers={"Authorization": f"Bearer {token}"})
    rows = str(logged(roster))
    assert len(logged(roster)) == 5
    assert not [secret for secret in (*secrets, token) if secret in rows]


def test_whatever_is_asked_can_be_stored(roster: Roster, settings: Settings) -> None:
    with serving(settings) as api:
        api.get(f"{ORGS}/%00%FF%ED%A0%80?filter=%00%FF&%FF=%00", User_Agent="\xff" * 500)
        api.get(f"{ORGS}/" + "x" * 3_000, method="BREW" * 20)
    first, second = logged(roster)
    assert first["path"].startswith(f"{ORGS}/\N{REPLACEMENT CHARACTER}")
    assert (len(first["user_agent"]), len(second["path"]), len(second["method"])) == (200, 1_000, 16)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("limit=10&offset=20", "limit&offset"),
        ("filter=familyName='Yamada'", "filter=familyName='***'"),
        ("filter=familyName%3D%27Yamada%27%20AND%20status%21%3D'x'", "filter=familyName='***' AND status!='***'"),
        ("filter=a~'O''Brien' OR b.c>='2'", "filter=a~'***' OR b.c>='***'"),
        ("filter=a='x' AND b='", "filter=***"),
        ("filter=a=Yamada", "filter=***"),
        ("filter=Yamada", "filter=***"),
        ("filter=a='x' Yamada b='y'", "filter=***"),
        ("filter=a='x'Yamada", "filter=***"),
        ("filter=a='x' AND Taro Yamada='y'", "filter=***"),
        ("filter=", "filter=***"),
        ("Yamada Taro=1", None),
        ("", None),
    ],
)
def test_queries_are_kept_without_values(query: str, kept: str | None) -> None:
    assert masked(query.encode()) == kept


def test_long_filters_are_not_kept_and_not_searched() -> None:
    assert masked_filter("a='" + "x" * 10_000) == "***"
    assert masked_filter(" AND ".join(["a=''"] * 100) + " !") == "***"
    assert len(masked(b"&".join([b"filter=a%3D%27x%27"] * 200)) or "") == 1_000


def test_ids_go_up_with_time_and_are_uuids() -> None:
    ids = [row_id(moment) for moment in (1_700_000_000.0, 1_700_000_000.001, 1_800_000_000.0)]
    assert ids == sorted(ids)
    assert {uuid.UUID(id).version for id in ids} == {7}
    assert {uuid.UUID(id).variant for id in ids} == {uuid.RFC_4122}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM api_key_audit_logs",
        "SELECT id FROM api_key_audit_logs",
        "UPDATE api_key_audit_logs SET status = 200",
        "DELETE FROM api_key_audit_logs",
        "TRUNCATE api_key_audit_logs",
    ],
)
def test_the_apis_role_can_neither_read_nor_change_what_is_logged(roster: Roster, statement: str) -> None:
    roster.connection.execute(f"SET ROLE {API_ROLE}")
    with pytest.raises(errors.InsufficientPrivilege):
        roster.connection.execute(statement)


# Rows on their way.


def lines(*names: str) -> list[bytes]:
    """Rows as they are spooled, told apart by their path."""
    empty = {"method": "GET", "status": 200, "request_id": "r", "duration_ms": 1, "created_at": "2026-08-01T00:00:00Z"}
    return [json.dumps({"id": row_id(1.0), "path": name, **empty}).encode() for name in names]


@pytest.fixture
def counted() -> Counter[str]:
    return Counter()


@pytest.fixture
def trail(settings: Settings, counted: Counter[str]) -> Trail:
    """A worker's log whose threads do not run: a test says when something is brought over."""
    return Trail(settings, lambda outcome, rows: counted.update({outcome: rows}))


def put(trail: Trail, *names: str) -> None:
    for line in lines(*names):
        trail._rows.put(line)
    trail._write_down()


def paths(roster: Roster) -> list[str]:
    return sorted(row["path"] for row in logged(roster))


def test_rows_wait_while_the_database_is_away_and_arrive_once(
    roster: Roster, settings: Settings, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.security.audit.trail._AWAY_SECONDS", 0)
    trail = Trail(
        dataclasses.replace(settings, audit_database_url=NOWHERE), lambda name, rows: counted.update({name: rows})
    )
    put(trail, "/1")
    trail._ship()
    put(trail, "/2", "/3")
    trail._ship()
    assert counted == {"spooled": 2}
    assert paths(roster) == []
    trail._shipping._url = roster.url
    trail._ship()
    trail._ship()
    assert paths(roster) == ["/1", "/2", "/3"]
    assert counted == {"spooled": 2, "written": 3}
    assert list(settings.spool.iterdir()) == []


def test_reads_go_on_while_the_log_cannot_be_written(roster: Roster, settings: Settings) -> None:
    with serving(dataclasses.replace(settings, audit_database_url=NOWHERE)) as api:
        assert api.get(ORGS).status_code == 200
    assert len(list(settings.spool.iterdir())) == 1
    with serving(settings) as api:
        api.get(ORGS)
    assert len(logged(roster)) == 2


def test_rows_whose_arrival_nobody_heard_of_are_stored_once(roster: Roster, trail: Trail) -> None:
    put(trail, "/1", "/2")

    def send_and_fail(rows: list[bytes]) -> None:
        trail._send(rows)
        raise psycopg.OperationalError("the connection broke before the answer came")

    trail._spool.close_file()
    with pytest.raises(psycopg.OperationalError):
        trail._spool.hand_over(send_and_fail)
    trail._ship()
    assert paths(roster) == ["/1", "/2"]


def test_a_row_that_cannot_be_stored_does_not_hold_up_the_others(roster: Roster, trail: Trail) -> None:
    for line in (*lines("/1", "/2"), b'{"id": "no uuid"}', b"no json", *lines("/3")):
        trail._rows.put(line)
    trail._write_down()
    trail._ship()
    assert paths(roster) == ["/1", "/2", "/3"]


def test_a_read_only_database_counts_as_away(roster: Roster, settings: Settings, trail: Trail) -> None:
    put(trail, "/1")
    trail._shipping.connect()
    trail._shipping._connection.execute("SET default_transaction_read_only = on")  # type: ignore[union-attr]
    trail._ship()
    assert paths(roster) == []
    trail._ship()
    assert paths(roster) == ["/1"]


def test_a_folder_that_cannot_be_written_costs_rows_and_nothing_else(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    with serving(dataclasses.replace(settings, audit_spool=tmp_path / "file" / "spool")) as api:
        assert api.get(ORGS).status_code == 200
        api.hub.trail.close()
        assert 'rosterhub_audit_rows_total{outcome="dropped"} 1.0' in api.get("/metrics").text
    assert "ROSTERHUB_AUDIT_SPOOL" in caplog.text


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool", 2 * 2**20)
    yield spool
    spool.close_file()


def taken(spool: Spool) -> list[bytes]:
    found: list[bytes] = []
    spool.hand_over(found.extend)
    return found


def test_what_another_worker_writes_is_left_alone_until_it_is_closed(spool: Spool, tmp_path: Path) -> None:
    other = Spool(tmp_path / "spool", 2 * 2**20)
    spool.append([b"1"])
    assert taken(other) == []
    assert not other.is_empty
    spool.close_file()
    assert taken(other) == [b"1"]
    assert other.is_empty


def test_a_torn_last_line_is_left_out(spool: Spool, tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "1-1.jsonl").write_bytes(b"1\n2\n{tor")
    assert taken(spool) == [b"1", b"2"]


def test_what_is_not_taken_stays(spool: Spool) -> None:
    def refuse(rows: list[bytes]) -> None:
        raise psycopg.OperationalError

    spool.append([b"1"])
    spool.close_file()
    with pytest.raises(psycopg.OperationalError):
        spool.hand_over(refuse)
    assert taken(spool) == [b"1"]


def test_a_full_spool_drops_the_oldest_and_says_how_many(spool: Spool, tmp_path: Path) -> None:
    row = b"x" * 1023
    dropped = [spool.append([row] * 512) for _ in range(8)]
    assert dropped == [0, 0, 0, 0, 0, 1024, 0, 1024]
    assert len(taken(spool)) == 2048
    assert sum(dropped) + 2048 == 8 * 512


def test_the_spool_is_private(spool: Spool, tmp_path: Path) -> None:
    spool.append([b"1"])
    (file,) = (tmp_path / "spool").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_rows_of_a_forked_worker_are_its_own(settings: Settings, roster: Roster) -> None:
    """gunicorn forks after the application is made: no thread and no file is there before."""
    with serving(settings) as api:
        child = os.fork()
        if child == 0:
            api.get(ORGS)
            api.hub.trail.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        api.get(ORGS)
    assert len(logged(roster)) == 2
