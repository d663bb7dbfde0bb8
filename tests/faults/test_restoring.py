"""The server is lost: the newest backup, in an empty database, gives byte for byte the answers that there were."""

import time

from pipelines.backups import backup, restore
from pipelines.roster.migrations import upgrade
from tests.api.conftest import ROSTERING, Api, serving, settings_for
from tests.faults.reliability import Report
from tests.journeys.line import Line, pages
from tests.journeys.test_publications_seen_by_clients import with_pupils
from tests.servers import PostgresServer

PUPILS = 5_000  # and as many enrollments
SAMPLE = 10_000


def answers(api: Api) -> tuple[list[bytes], int]:
    """The bodies of every page of users and enrollments, and how many records are in them."""
    found = [page for name in ("users", "enrollments") for page in pages(api, f"{ROSTERING}/{name}", limit=500)]
    bodies = [page.data for page in found if hasattr(page, "data")]
    return bodies, sum(body.count(b'"dateLastModified"') for body in bodies)


def test_the_newest_backup_answers_as_before(line: Line, postgres_server: PostgresServer, report: Report) -> None:
    assert line.take(with_pupils(PUPILS)).outcome == "published"
    key = line.key()
    with serving(settings_for(line.database_url), key) as api:
        before, records = answers(api)
    assert records >= SAMPLE
    made = backup(line.settings, line.settings.backup_folder)
    with postgres_server.database() as empty:
        began = time.monotonic()
        assert restore(line.settings, made, made.dump, empty).faults == ()
        upgrade(empty)
        seconds = time.monotonic() - began
        with serving(settings_for(empty), key) as api:
            assert answers(api)[0] == before
    report.tell(
        "the server is lost, and the newest backup restored into an empty one",
        saw=f"{records} records, byte for byte as before, with the same key",
        lost="what was published since that backup; its bundles are published again",
        recovery=f"{seconds:.1f} s for {made.rows} rows",
    )
