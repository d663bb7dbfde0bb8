"""Going back to a moment between two publications, and building a standby of what came of it."""

import time
from pathlib import Path

import psycopg

from deploy.local import processes
from pipelines.roster.migrations import upgrade
from tests.api.conftest import serving, settings_for
from tests.faults import archive, pair
from tests.faults.archive import Archived
from tests.faults.reliability import Report
from tests.journeys import running
from tests.journeys.line import Line, Snapshot, snapshot
from tests.journeys.test_crashes import changed
from tests.pipelines.district import District

# What a timed restore leaves in postgresql.auto.conf.
LEFT = ("restore_command", "recovery_target_time", "recovery_target_action")


def test_a_moment_between_two_publications_comes_back(tmp_path: Path, report: Report) -> None:
    with archive.archived(tmp_path) as archived:
        line = Line(tmp_path, archived.server.url())
        before, moment = publish_between_backups(line, archived)
        line.take(District().change("users", "pupil1", email="a-mistake@example.org"))
        assert shown(line) != before
        pair.administer(archived.server, "SELECT pg_switch_wal()")
        assert processes.wait_until(lambda: is_archived(archived), 30)
    began = time.monotonic()
    back = archived.restored(tmp_path / "back", "--type=time", f"--target={moment}", "--target-action=promote")
    with running.running(back.service()):
        assert processes.wait_until(lambda: pair.is_in_recovery(back.server) is False, 30)
        seconds = time.monotonic() - began
        again = Line(tmp_path, back.server.url(), landed=line.landed)
        assert shown(again) == before
        assert again.sync().generation == 3, "what was published after that moment waits in the landing folder"
        build_standbys(back, tmp_path)
    size = sum(file.stat().st_size for file in archived.server.data.rglob("*") if file.is_file()) / 2**20
    report.tell(
        "a wrong bundle was published: the database goes back to a moment before it (pgBackRest)",
        saw="exactly the answers of that generation, from the start of the restored server",
        lost="what came after that moment, by intent",
        recovery=f"{seconds:.1f} s for a data folder of {size:.0f} MiB",
    )


def publish_between_backups(line: Line, archived: Archived) -> tuple[Snapshot, str]:
    """Two generations, each with a backup, full and incremental; what the second shows, and a moment of its time."""
    upgrade(line.database_url)
    line.take(District())
    archived.run("--type=full", "backup")
    line.take(changed())
    archived.run("--type=incr", "backup")
    found = shown(line)
    time.sleep(1)
    moment = str(pair.asked(archived.server, "SELECT now()::text"))
    time.sleep(1)
    return found, moment


def shown(line: Line) -> Snapshot:
    """Everything that the API shows of the line's database."""
    with serving(settings_for(line.database_url), line.key()) as api:
        return snapshot(api)


def is_archived(archived: Archived) -> bool:
    """Whether all WAL but what is being written is in the archive."""
    waiting = archived.server.data / "pg_wal" / "archive_status"
    return not list(waiting.glob("*.ready"))


def build_standbys(back: Archived, folder: Path) -> None:
    """The trap: a standby copied while the restore's settings are left promotes itself. Without them it follows."""
    pair.administer(back.server, f"CREATE ROLE {pair.REPLICATOR} LOGIN REPLICATION PASSWORD '{back.server.password}'")
    trapped = pair.copied(back.server, folder / "trapped")
    with running.running(pair.standing_by(trapped)):
        commit(back)
        assert processes.wait_until(lambda: pair.is_in_recovery(trapped) is False, 30), "there is no trap any more"
    for name in LEFT:
        pair.administer(back.server, f"ALTER SYSTEM RESET {name}")
    standby = pair.copied(back.server, folder / "standby")
    with running.running(pair.standing_by(standby)):
        commit(back)
        pair.wait_for_replay(back.server, standby)
        assert pair.is_in_recovery(standby) is True


def commit(back: Archived) -> None:
    """Something for a standby to replay."""
    with psycopg.connect(back.server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS committed ()")
        connection.execute("DROP TABLE committed")
