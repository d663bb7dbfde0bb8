"""A client that asks again and again for what changed since it last asked, by its own clock, misses nothing.

The API runs in two processes with a cache, as it does in earnest: each of them remembers for a moment which generation
is served. Publications are slow, and end at every part of a second.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.api.conftest import ROSTERING
from tests.journeys import running
from tests.journeys.line import DATE, Line, Record, WebApi, pages
from tests.pipelines.district import District

PARTS = (0.02, 0.3, 0.6, 0.8, 0.9, 0.95)  # of a second: when a publication comes to its last step
LAST_STEP = "writing resultLearningObjectiveIds"


class Poller(Thread):
    """Keeps a copy of all users as an incremental client does: it takes what is dated after its last question."""

    def __init__(self, api: WebApi) -> None:
        super().__init__(daemon=True)
        self.api = api
        self.copy: dict[str, Record] = {}
        self.since = ""
        self.stopping = Event()
        self.polls = 0

    def run(self) -> None:
        while not self.stopping.is_set():
            self.poll()

    def poll(self) -> None:
        asked_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for record in self.users():
            if record[DATE] > self.since:
                self.copy[record["sourcedId"]] = record
        self.since = asked_at
        self.polls += 1

    def users(self) -> Iterator[Record]:
        for page in pages(self.api, f"{ROSTERING}/users"):
            yield from page.json["users"]


@pytest.fixture
def poller(line: Line, redis_url: str, tmp_path: Path) -> Iterator[Poller]:
    """A client of a hub that has published once."""
    line.redis_url = redis_url
    line.take(school())
    api = running.gunicorn(tmp_path, line.variables)
    with running.running(api):
        poller = Poller(WebApi(api.where, line.key()))
        yield poller
        poller.stopping.set()
        poller.join(60)


def school() -> District:
    """A district with a user for each part of a second."""
    district = District()
    for number in range(len(PARTS)):
        name = f"u{number}"
        district.add("users", sourcedId=name, enabledUser="true", username=name, givenName="G", familyName="F")
        district.add("roles", sourcedId=f"r-{name}", userSourcedId=name, roleType="primary", role="student",
                     orgSourcedId="north")  # fmt: skip
    return district


def ending_at(part: float, poller: Poller) -> "Iterator[None]":
    raise NotImplementedError


def test_a_polling_client_misses_nothing(line: Line, poller: Poller) -> None:
    poller.poll()
    poller.start()
    district = school()
    for number, part in enumerate(PARTS):
        line.land(district.change("users", f"u{number}", givenName="Changed"))
        line.sync(progress=lambda step, part=part: slowly(step, part))
    poller.stopping.set()
    poller.join(60)
    time.sleep(2)
    poller.poll()
    assert poller.copy == {record["sourcedId"]: record for record in poller.users()}


def slowly(step: str, part: float) -> None:
    """Let the clock get on: before the last step to that part of the next second but one."""
    if step == LAST_STEP:
        time.sleep(2 - time.time() % 1 + part)
