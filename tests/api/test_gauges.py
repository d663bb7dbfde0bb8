"""What /metrics tells of the database: sources, runs, backups, the server; and that a scrape never fails."""

import dataclasses
import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api import maintenance
from api.settings import Settings
from api.version import VERSION
from pipelines.roster.migrations import upgrade
from tests.api.conftest import Api, serving
from tests.api.roster import MOMENT, Roster

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
Samples = dict[tuple[str, ...], float]


def scraped(api: Api) -> Samples:
    """The samples by name and values of labels, which Prometheus sorts by name."""
    families = text_string_to_metric_families(api.get("/metrics").text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def judged(roster: Roster, outcome: str, counts: dict[str, dict[str, int]], source: str = "north") -> None:
    """A row of the ledger for a bundle that made no generation."""
    roster.connection.execute(
        "INSERT INTO publications (source, outcome, generation, fingerprint, judged_by, arrival, version, counts)"
        " VALUES (%s, %s, 0, '', '', '', '1.2', %s)",
        [source, outcome, json.dumps(counts)],
    )


def test_a_published_source(roster: Roster, api: Api) -> None:
    roster.publish()
    counts = {"users": {"inserted": 3, "gone": 1}, "orgs": {"inserted": 2, "rejected": 4}}
    roster.connection.execute(
        'UPDATE publications SET counts = %s, seconds = \'{"writing": 1.5, "gate": 1}\'', [json.dumps(counts)]
    )
    told = scraped(api)
    assert told["rosterhub_generation", "north"] == 1
    assert told["rosterhub_last_publication_timestamp_seconds", "north"] == MOMENT.timestamp()
    assert told["rosterhub_last_publication_duration_seconds", "north"] == 2.5
    assert told["rosterhub_last_publication_rows", "inserted", "north"] == 5
    assert told["rosterhub_last_publication_rows", "gone", "north"] == 1
    assert told["rosterhub_rejected_rows", "north"] == 4
    assert told["rosterhub_waiting_rows", "north"] == 0
    assert (told["rosterhub_held", "north"], told["rosterhub_needs_bulk", "north"]) == (0, 0)
    assert told["rosterhub_last_sync_timestamp_seconds", "north"] > MOMENT.timestamp()


def test_a_source_of_which_nothing_was_published_yet(roster: Roster, api: Api) -> None:
    judged(roster, "held", {"users": {"rejected": 7}})
    told = scraped(api)
    assert told["rosterhub_held", "north"] == 1
    assert told["rosterhub_rejected_rows", "north"] == 7
    assert told["rosterhub_generation", "north"] == 0
    assert ("rosterhub_last_publication_timestamp_seconds", "north") not in told


def test_what_is_held_no_longer_counts_once_something_newer_is_served(roster: Roster, api: Api) -> None:
    judged(roster, "held", {})
    roster.publish()
    assert scraped(api)["rosterhub_held", "north"] == 0


def test_rows_that_wait_and_a_source_that_needs_a_bulk(roster: Roster, api: Api) -> None:
    roster.publish()
    roster.publish("south")
    roster.connection.execute(
        "INSERT INTO waiting_rows (source, entity, sourced_id, waits_for, row, fingerprint)"
        " VALUES ('south', 'users', 'u1', 'orgs', '{}', '')"
    )
    roster.connection.execute("UPDATE sources SET needs_bulk = true WHERE source = 'south'")
    told = scraped(api)
    assert [told["rosterhub_waiting_rows", name] for name in ("north", "south")] == [0, 1]
    assert [told["rosterhub_needs_bulk", name] for name in ("north", "south")] == [0, 1]


def test_the_backup_that_counts_is_the_newest_good_one(roster: Roster, api: Api) -> None:
    roster.connection.execute(
        "INSERT INTO backups (created_at, seconds, bytes, rows, path, drilled_at, drill_seconds, is_good) VALUES"
        " ('2026-08-01T03:00Z', 4, 1000, 9, 'a', '2026-08-01T04:00Z', 6, true),"
        " ('2026-08-02T03:00Z', 5, 1001, 9, 'b', '2026-08-02T04:00Z', 7, false),"
        " ('2026-08-03T03:00Z', 5, 1001, 9, 'c', NULL, NULL, NULL)"
    )
    told = scraped(api)
    assert told["rosterhub_last_backup_timestamp_seconds",] == MOMENT.replace(hour=3, minute=0, second=0).timestamp()
    assert (told["rosterhub_last_backup_duration_seconds",], told["rosterhub_last_backup_size_bytes",]) == (4, 1000)
    assert (told["rosterhub_last_drill_good",], told["rosterhub_last_drill_duration_seconds",]) == (0, 7)


def test_runs_as_the_daemon_told_them(roster: Roster, api: Api) -> None:
    roster.connection.execute("INSERT INTO run_states VALUES ('sync', 'queued', 3, %s)", [MOMENT])
    roster.connection.execute("INSERT INTO last_runs VALUES ('sync', 'north', 'failed', 'r', %s, 12.5)", [MOMENT])
    told = scraped(api)
    assert told["rosterhub_runs", "sync", "queued"] == 3
    assert told["rosterhub_runs_told_timestamp_seconds",] == MOMENT.timestamp()
    assert told["rosterhub_last_run_failed", "sync", "north"] == 1
    assert told["rosterhub_last_run_duration_seconds", "sync", "north"] == 12.5
    assert told["rosterhub_last_run_timestamp_seconds", "sync", "north"] == MOMENT.timestamp()


def test_the_server(roster: Roster, api: Api) -> None:
    told = scraped(api)
    assert told["rosterhub_database_up",] == 1
    (schema,) = roster.connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    assert told["rosterhub_info", schema, VERSION] == 1
    assert 1 <= told["rosterhub_database_connections",] < told["rosterhub_database_connections_limit",] == 200
    assert ("rosterhub_database_replay_lag_seconds",) not in told


def test_a_scrape_without_the_database_still_tells_of_the_process(settings: Settings) -> None:
    with serving(dataclasses.replace(settings, owner_url=NOWHERE, pool_seconds=0.2)) as api:
        api.get("/nowhere")
        told = scraped(api)
    assert told["rosterhub_database_up",] == 0
    assert told["http_requests_total", "GET", "unmatched", "404"] == 1


def test_a_scrape_of_a_database_without_tables(settings: Settings, database_url: str) -> None:
    with serving(dataclasses.replace(settings, owner_url=database_url)) as api:
        upgrade(database_url, "0001")
        assert scraped(api)["rosterhub_database_up",] == 1


def test_a_scrape_asks_the_database_once_in_a_while(roster: Roster, api: Api) -> None:
    assert ("rosterhub_generation", "north") not in scraped(api)
    roster.publish()
    assert ("rosterhub_generation", "north") not in scraped(api)


def test_maintenance_is_told(roster: Roster, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_REMEMBERED_SECONDS", 0)
    assert scraped(api)["rosterhub_maintenance",] == 0
    roster.connection.execute("INSERT INTO maintenance (reason) VALUES ('disks')")
    assert scraped(api)["rosterhub_maintenance",] == 1


def test_the_operators_page_names_every_metric(roster: Roster, api: Api) -> None:
    page = Path(__file__).parents[2] / "docs" / "operator.md"
    _, _, section = page.read_text().partition("\n## Health and metrics\n")
    documented = set(re.findall(r"`(rosterhub_[a-z_]+)`", section.partition("\n## ")[0]))
    roster.connection.execute("INSERT INTO run_states VALUES ('sync', 'queued', 3, now())")
    roster.connection.execute(
        "INSERT INTO backups (created_at, seconds, bytes, rows, path, drilled_at, drill_seconds, is_good)"
        " VALUES (now(), 1, 1, 1, 'a', now(), 1, true)"
    )
    told = set(re.findall(r"^# TYPE (rosterhub_[a-z_]+)", api.get("/metrics").text, re.MULTILINE))
    only_on_a_standby = {"rosterhub_database_replay_lag_seconds"}
    assert {name for name in documented if not name.endswith("_restored")} == told | only_on_a_standby
