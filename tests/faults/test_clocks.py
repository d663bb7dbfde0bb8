"""The clock was an hour ahead during a publication, and is set back: clients that ask for changes get the next ones."""

from urllib.parse import quote

import psycopg

from tests.api.conftest import ROSTERING, Api
from tests.faults.reliability import Report
from tests.journeys.line import DATE, Line
from tests.pipelines.district import District

USERS = f"{ROSTERING}/users"


def test_the_clock_is_set_back(line: Line, api: Api, report: Report) -> None:
    line.take(District())
    with psycopg.connect(line.database_url) as connection:
        connection.execute("UPDATE publications SET moment = moment + interval '1 hour'")
    last = max(user[DATE] for user in api.json(USERS)["users"])
    line.take(District().change("users", "pupil1", email="new@example.org"))
    since = quote(f"{DATE}>='{last}'")
    asked = api.json(f"{USERS}?filter={since}")["users"]
    (changed,) = [user for user in api.json(USERS)["users"] if user["sourcedId"] == "pupil1"]
    assert changed["email"] == "new@example.org"
    assert changed in asked, "a client that asks for what changed since misses the change"
    assert changed[DATE] > last
    report.tell(
        "the last publication's moment lies an hour ahead, as after a clock that was set back",
        saw="dates go on from the last publication's, and the change is found by its date",
        recovery="none needed",
    )
