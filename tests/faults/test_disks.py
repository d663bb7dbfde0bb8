"""Disks fill up in the middle of a publication and of a backup: small file systems in memory, which root makes."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import ports, postgres, processes
from deploy.local.postgres import Postgres
from pipelines.backups import backup, inventory, shelf
from pipelines.errors import DependencyAway, Refused
from pipelines.roster.migrations import upgrade
from tests.faults import traffic
from tests.faults.reliability import Report
from tests.journeys import running
from tests.journeys.line import Line, WebApi, differing, snapshot
from tests.journeys.test_postgresql_15 import programs
from tests.journeys.test_publications_seen_by_clients import with_pupils
from tests.pipelines.district import District

MANY = 20_000


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Path]:
    """A file system of that size; the test is skipped where none can be mounted."""
    folder.mkdir(mode=0o711)
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0711", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode != 0:
        pytest.skip("a small disk is a tmpfs, and only root may mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path, left: int) -> Iterator[Path]:
    """A file that leaves only so many bytes free; taking it away is how an operator makes room."""
    ballast = folder / "ballast"
    free = os.statvfs(folder)
    ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - left))
    yield ballast
    ballast.unlink(missing_ok=True)


def test_the_disk_of_postgresql_fills_up_during_a_publication(tmp_path: Path, report: Report) -> None:
    with small_disk(tmp_path / "disk", 400) as disk:
        server = postgres.prepare(disk / "postgres", ports.unused(), programs())
        with running.running(running.own_service(server)):
            upgrade(server.url())
            line = Line(tmp_path, server.url())
            line.take(District())
            key, served = line.key(), running.gunicorn(tmp_path, line.variables)
            with running.running(served), traffic.readers(served.where, key) as readers:
                api = WebApi(served.where, key)
                before = snapshot(api)
                line.land(with_pupils(MANY))
                with filled(disk, 4 * 2**20), pytest.raises(DependencyAway) as refused:
                    line.sync()
                mended = time.monotonic()
                with again(server):
                    assert processes.wait_until(lambda: traffic.ask(served.where, key).outcome == "200", 60)
                    assert differing(before, snapshot(api)) == set()
                    assert line.sync().generation == 2
    assert "nothing was published" in str(refused.value)
    assert set(readers.failed()) <= {"503"}
    report.tell(
        "PostgreSQL's disk full during a publication",
        saw=f"{readers.told()}; the publication is taken back",
        recovery=f"reads {readers.succeeded_after(mended):.1f} s after there was room; then the bundle is published",
    )


@contextmanager
def again(server: Postgres) -> Iterator[None]:
    """Start the server if it gave up, as whatever looks after it does."""
    if server.is_ready():
        yield
        return
    with running.running(running.own_service(server)):
        yield


def test_the_disk_of_backups_fills_up(tmp_path: Path, migrated_url: str, report: Report) -> None:
    with small_disk(tmp_path / "disk", 32) as disk:
        line = Line(tmp_path, migrated_url)
        settings = replace(line.settings, backup_folder=disk)
        line.take(District())
        good = backup(settings, disk)
        line.take(with_pupils(MANY))
        before = inventory.of(migrated_url)
        with filled(disk, left=512 * 2**10), pytest.raises((Refused, DependencyAway)) as refused:
            backup(settings, disk)
        assert "the backup could not be written" in str(refused.value)
        left = [each.name for each in shelf.backups(disk)]
        assert left == [good.name]
        assert not list(disk.glob("*.unfinished"))
        assert {name: facts for name, facts in inventory.of(migrated_url).items() if name != "backups"} == {
            name: facts for name, facts in before.items() if name != "backups"
        }
    report.tell(
        "the backups' disk full during a backup",
        saw="nothing; the backup fails, and names the folder",
        lost="nothing: earlier backups stay, nothing half made is left",
        recovery="the next backup once there is room",
    )
