"""A client that asks again and again for what changed since it last asked, by its own clock, misses nothing.

The API runs in two processes with a cache, as it does in earnest: each of them remembers for a moment which generation
is served. Publications are slow, and are committed at every part of a second.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from api.collections import COLLECTIONS
from pipelines.contract import GENERATION_REMEMBERED_SECONDS
from tests.journeys import running
from tests.journeys.line import DATE, Line, Record, WebApi, shown
from tests.pipelines.district import District

USERS = next(collection for collection in COLLECTIONS if collection.name == "users")
PARTS = (0.05, 0.6, 0.8, 0.93)  # of a second: when a publication comes to its last step
LAST_STEP = "writing resultLearningObjectiveIds"


class Poller:
    """Keeps a copy of all users as an incremental client does: it takes what is dated after its last question."""

    def __init__(self, api: WebApi) -> None:
        self.api = api
        self.copy: dict[str, Record] = {}
        self.since = ""
        self.polls = 0

    def poll(self) -> None:
        asked_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for record in shown(self.api, USERS):
            if record[DATE] > self.since:
                self.copy[record["sourcedId"]] = record
        self.since = asked_at
        self.polls += 1

    def poll_until(self, end: Event) -> None:
        while not end.is_set():
            self.poll()


@pytest.fixture
def poller(line: Line, redis_url: str, tmp_path: Path) -> Iterator[Poller]:
    """A client of a hub that has published once."""
    line.redis_url = redis_url
    line.take(school())
    api = running.gunicorn(tmp_path, line.variables)
    with running.running(api):
        yield Poller(WebApi(api.where, line.key()))


def school() -> District:
    """A district with a user for each part of a second."""
    district = District()
    for name in map(user, range(len(PARTS))):
        district.add("users", sourcedId=name, enabledUser="true", username=name, givenName="G", familyName="F")
        district.add("roles", sourcedId=f"role-{name}", userSourcedId=name, roleType="primary", role="student",
                     orgSourcedId="north")  # fmt: skip
    return district


def user(number: int) -> str:
    return f"u{number}"


def publish_slowly(line: Line, bundle: District, part: float) -> None:
    """Sync so that the last step comes at that part of a second."""

    def wait(step: str) -> None:
        if step == LAST_STEP:
            time.sleep(1 - time.time() % 1 + part)

    line.land(bundle)
    assert line.sync(progress=wait).outcome == "published"


def test_a_polling_client_misses_nothing(line: Line, poller: Poller) -> None:
    poller.poll()
    district, end = school(), Event()
    with ThreadPoolExecutor() as threads:
        polling = threads.submit(poller.poll_until, end)
        try:
            for number, part in enumerate(PARTS):
                publish_slowly(line, district.change("users", user(number), givenName="Changed"), part)
        finally:
            end.set()
        polling.result(60)
    time.sleep(GENERATION_REMEMBERED_SECONDS)
    polls = poller.polls
    poller.poll()
    assert polls > len(PARTS)
    assert poller.copy == {record["sourcedId"]: record for record in shown(poller.api, USERS)}
    assert [poller.copy[user(number)]["givenName"] for number in range(len(PARTS))] == ["Changed"] * len(PARTS)
