"""Does it stay as it is? Mixed reads for a long time, a publication every so often: `python -m tests.benchmarks.soak`.

Watched meanwhile: failed reads, the memory of every service that belongs to it alone (USS), PostgreSQL's connections.
The exit code says whether reads went on to the end and none failed, memory was flat in the second half, and connections
stayed few. The first half is for caches and pools to fill.
"""

import argparse
import itertools
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from deploy.local.progress import Progress
from tests.benchmarks import access, bundles, machine, servers
from tests.benchmarks.questions import Known, Questions
from tests.benchmarks.reading_while_publishing import PER_SECOND, Reads, read_steadily
from tests.benchmarks.results import percentile
from tests.benchmarks.servers import Servers
from tests.benchmarks.syncs import sync

FOLDER = Path(".rosterhub", "soak")
STUDENTS = 5_000
LOOK_SECONDS = 2.0
FLAT_MIB = 16  # a service may have so much more at the end than in the middle, or a tenth
CAPPED = "valkey"  # fills up to the limit that it has of its own
_HEADING = "## Mixed load for a long time"
NEARLY_ALL = 0.95  # of the reads that were due: the last of them may be due at the end
MANY_CONNECTIONS = 0.5  # of those that the server allows: the share at which operators are warned


@dataclass
class Watch:
    """What was seen at every look: MiB by service, and the most connections as a share of those allowed."""

    mebibytes: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    connections: float = 0.0

    def look(self, running: Servers) -> None:
        """Once."""
        for service in running.supervisor.record.services():
            process = service.identity.find()
            if process is not None:
                self.mebibytes[service.name].append(_own_mebibytes(process))
        with psycopg.connect(running.server.url()) as connection:
            row = connection.execute(
                "SELECT count(*) / current_setting('max_connections')::float FROM pg_stat_activity"
                " WHERE backend_type = 'client backend'"
            ).fetchone()
        self.connections = max(self.connections, row[0] if row else 0.0)

    def growth(self, service: str) -> float:
        """MiB from the third quarter to the last, each by its median."""
        seen = self.mebibytes[service]
        quarter = max(1, len(seen) // 4)
        return statistics.median(seen[-quarter:]) - statistics.median(seen[-2 * quarter : -quarter] or seen)

    def grown(self) -> list[str]:
        """The services that are not flat."""
        allowed = {name: max(FLAT_MIB, max(seen) / 10) for name, seen in self.mebibytes.items() if name != CAPPED}
        return [name for name, more in allowed.items() if self.growth(name) > more]


def main() -> int:
    """Run it, say what was seen; 1 if it did not stay as it was."""
    given = _arguments()
    given.folder.mkdir(parents=True, exist_ok=True)
    with servers.running(given.folder, Progress()) as running:
        reads, publications, watch = soak(running, given.minutes * 60, given.every, given.students)
    lines = list(_lines(given, reads, publications, watch))
    print(*lines, sep="\n")
    if given.page:
        write_into(given.page, lines)
    is_well = (
        lasted(reads, given.minutes * 60)
        and not reads.failed
        and not watch.grown()
        and watch.connections < MANY_CONNECTIONS
    )
    return 0 if is_well else 1


def lasted(reads: Reads, seconds: float) -> bool:
    """Whether there were reads all the time."""
    return len(reads.seconds) + reads.failed >= NEARLY_ALL * PER_SECOND * seconds


def questions(known: Known) -> Iterator[str]:
    """Reads of every kind in turn, again and again: a long load asks for more than a small district has."""
    while True:
        yield from Questions(known).mixed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description="Read and publish for long.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--every", type=float, default=120.0, help="seconds from one publication to the next")
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--page", type=Path, help="a document that gets what was seen as its last section")
    return parser.parse_args()


def soak(running: Servers, seconds: float, every: float, students: int) -> tuple[Reads, int, Watch]:
    """How reads went, how many publications there were, and what was seen."""
    settings = running.fresh("soak")
    url = settings.require_database_url()
    first, second = (running.folder / "bundles" / name for name in ("first", "second"))
    first.parent.mkdir()
    bundles.write_bulk(first, students)
    bundles.write_changed(first, second)
    sync(settings, first, "published")
    known = Known.read(url)
    granted = access.granted(url, running.start_api(settings), known.schools)
    end, watch, published = time.monotonic() + seconds, Watch(), itertools.count()

    def publish() -> None:
        for bundle in itertools.cycle((second, first)):
            due = time.monotonic() + every
            sync(settings, bundle, "published")
            next(published)
            if due > end:
                return
            time.sleep(max(0.0, due - time.monotonic()))

    with ThreadPoolExecutor(1) as pool, watching(running, watch):
        publishing = pool.submit(publish)
        paths = itertools.takewhile(lambda _: time.monotonic() < end, questions(known))
        reads = read_steadily(granted.by_key, paths)
        publishing.result()
    return reads, next(published), watch


@contextmanager
def watching(running: Servers, watch: Watch) -> Iterator[None]:
    """Looks every so often while the block lasts."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(LOOK_SECONDS):
            watch.look(running)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(go_on)
        try:
            yield
        finally:
            over.set()
            looking.result()


def _own_mebibytes(process: psutil.Process) -> float:
    """Of the process and its descendants, without what they share: PostgreSQL's buffers would count for each."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += one.memory_full_info().uss / 2**20
    return total


def write_into(page: Path, lines: list[str]) -> None:
    """Make the lines the last section of a document, in place of those of a former run."""
    before, _, _ = page.read_text().partition(f"\n{_HEADING}\n")
    page.write_text(f"{before}\n{_HEADING}\n\n" + "".join(f"- {line}\n" for line in lines))


def _lines(given: argparse.Namespace, reads: Reads, publications: int, watch: Watch) -> Iterator[str]:
    facts = machine.facts()
    yield f"{given.minutes:g} minutes, {given.students} students, a publication every {given.every:g} s"
    yield f"{facts['day']}; {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']}"
    p50, p99 = (1000 * percentile(reads.seconds, share) for share in (0.5, 0.99))
    yield f"{len(reads.seconds)} reads, {PER_SECOND} a second, {reads.failed} failed"
    yield f"half of them took at most {p50:.0f} ms, 99 of 100 at most {p99:.0f} ms"
    yield f"{publications} publications; at most {watch.connections:.0%} of PostgreSQL's connections"
    for name, seen in watch.mebibytes.items():
        yield f"{name}: {seen[0]:.0f} MiB at first, {seen[-1]:.0f} at last, {watch.growth(name):+.1f} in the last half"


if __name__ == "__main__":
    sys.exit(main())
