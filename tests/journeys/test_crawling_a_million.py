"""The promise to clients that page: a million enrollments, each seen exactly once, while publications happen beside.

By links and by counting offsets, at limits 10,000 and 100, against a real gunicorn with a real Valkey.
"""

import http.client
import itertools
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.api import roster as rosters
from tests.api.conftest import ROSTERING
from tests.api.roster import HEADER, SOURCE, Roster
from tests.journeys import running

pytestmark = pytest.mark.faults

RECORDS = 1_000_000
LEAVE_EVERY = 1_000  # of the records, one in so many becomes a tombstone in the middle of a crawl
PATH = f"{ROSTERING}/enrollments?filter=status%3D'active'&fields=sourcedId"


@dataclass
class Answer:
    """A page: which ids, what else."""

    ids: list[str]
    total: int
    following: str | None
    generation: int


@pytest.fixture
def million(migrated_url: str) -> Iterator[Roster]:
    with rosters.opened(migrated_url) as roster:
        roster.key(requests_per_minute=0)
        roster.publish()
        roster.connection.execute(
            "INSERT INTO enrollments (source, sourced_id, status, publication_id, class_sourced_id,"
            " school_sourced_id, user_sourced_id, role)"
            " SELECT %s, 'e-' || lpad(n::text, 7, '0'), 'active', %s, 'c', 's', 'u', 'student'"
            " FROM generate_series(1, %s) AS n",
            [SOURCE, roster.publications[SOURCE], RECORDS],
        )
        roster.connection.execute("VACUUM ANALYZE enrollments")
        yield roster


@pytest.fixture
def address(million: Roster, redis_url: str, tmp_path: Path) -> Iterator[str]:
    variables = {
        "DATABASE_URL": million.url,
        "REDIS_URL": redis_url,
        "ROSTERHUB_AUDIT_SPOOL": str(tmp_path / "audit"),
    }
    service = running.gunicorn(tmp_path, variables)
    with running.running(service):
        yield str(service.where)


def pages(address: str, limit: int, *, by_links: bool) -> Iterator[Answer]:
    """Every page of the crawl, the way a client asks for them."""
    path: str | None = f"{PATH}&limit={limit}"
    for number in itertools.count(1):
        answer = ask(address, str(path))
        yield answer
        if by_links:
            path = answer.following
        else:
            path = f"{PATH}&limit={limit}&offset={number * limit}" if number * limit < answer.total else None
        if path is None:
            return


def ask(address: str, path: str) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
    try:
        connection.request("GET", path, headers={"X-API-Key": HEADER})
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        found = re.search(r'<([^>]*)>; rel="next"', response.headers["Link"])
        following = found[1].removeprefix(address) if found else None
        ids = [record["sourcedId"] for record in json.loads(body)["enrollments"]]
        headers = response.headers
        return Answer(ids, int(headers["X-Total-Count"]), following, int(headers["X-Roster-Generation"]))
    finally:
        connection.close()


@contextmanager
def publications_beside(roster: Roster) -> Iterator[None]:
    """Every half second some records leave, some far behind any crawl and some far before it."""
    ended = threading.Event()

    def publish() -> None:
        with psycopg.connect(roster.url, autocommit=True) as connection:
            for step in range(LEAVE_EVERY):
                if ended.wait(0.5):
                    return
                with connection.transaction():
                    beside = Roster(roster.url, connection)
                    beside.publish()
                    connection.execute(
                        "UPDATE enrollments SET status = 'tobedeleted', publication_id = %s WHERE source = %s"
                        " AND right(sourced_id, 3) = %s AND sourced_id LIKE %s",
                        [beside.publications[SOURCE], SOURCE, "000", f"e-%{step % 10}000"],
                    )

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("limit", [10_000, 100])
@pytest.mark.parametrize("by_links", [True, False], ids=["links", "offsets"])
def test_every_record_is_seen_exactly_once(million: Roster, address: str, limit: int, by_links: bool) -> None:
    with publications_beside(million):
        answers = list(pages(address, limit, by_links=by_links))
    seen = [id for answer in answers for id in answer.ids]
    assert len(seen) == len(set(seen)), "a record was seen twice"
    rows = million.connection.execute("SELECT sourced_id FROM enrollments WHERE status = 'active'")
    assert {id for (id,) in rows} <= set(seen), "a record that was there throughout was not seen"
    generations = [answer.generation for answer in answers]
    assert generations == sorted(generations)
    assert generations[-1] > generations[0], "the client could have noticed the publications"
