"""The switch of maintenance at run time: seen soon, held while the database is away; probes and metrics are exempt."""

import dataclasses

import pytest

from api import maintenance
from api.database import Database
from api.maintenance import Maintenance
from api.settings import Settings
from tests.api import official
from tests.api.conftest import ROSTERING, Api
from tests.api.roster import Roster

ORGS = f"{ROSTERING}/orgs"
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
ON = "INSERT INTO maintenance (reason) VALUES ('new disks')"
OFF = "DELETE FROM maintenance"


@pytest.fixture(autouse=True)
def _forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_REMEMBERED_SECONDS", 0)


def test_it_is_switched_while_requests_come(roster: Roster, api: Api) -> None:
    roster.publish()
    assert api.get(ORGS).status_code == 200
    roster.connection.execute(ON)
    turned_away = api.get(ORGS)
    assert (turned_away.status_code, turned_away.headers["Retry-After"]) == (503, "300")
    assert official.faults("rostering", "/orgs", "default", turned_away.json) == []
    roster.connection.execute(OFF)
    assert api.get(ORGS).status_code == 200


def test_probes_and_metrics_go_on(roster: Roster, api: Api) -> None:
    roster.connection.execute(ON)
    paths = ("/health/live", "/metrics", "/health/ready", "/health", "/")
    assert [api.get(path).status_code for path in paths] == [200, 200, 503, 503, 503]
    assert "under maintenance" in api.get("/health/ready").json["imsx_description"]
    assert api.get("/health").json["maintenance"] is True


@pytest.mark.parametrize("is_on", [True, False])
def test_what_was_known_holds_while_the_database_is_away(roster: Roster, settings: Settings, is_on: bool) -> None:
    if is_on:
        roster.connection.execute(ON)
    databases = [Database(settings), Database(dataclasses.replace(settings, owner_url=NOWHERE, pool_seconds=0.1))]
    switch = Maintenance(databases[0], always=False)
    assert switch.is_on() is is_on
    switch._database = databases[1]
    assert switch.is_on() is is_on
    for database in databases:
        database.close()


def test_it_is_looked_at_once_in_a_while(roster: Roster, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_REMEMBERED_SECONDS", 60)
    roster.publish()
    assert api.get(ORGS).status_code == 200
    roster.connection.execute(ON)
    assert api.get(ORGS).status_code == 200
