"""The measures of reading while a publication is under way, beside the same reads with nothing under way.

Reads of several kinds, none of them cached, are due at a steady rate, whatever the answers before them took: asking as
fast as it goes would only show that publishing takes its share of the cores. A read's time counts from when it was due.

A round: at rest; while the district is published with a tenth of its rows changed; while the first bundle of another
source is published; and at rest again, since searches go through the rows of both sources from then on.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from pipelines.errors import DependencyAway
from pipelines.oneroster.registry import ENTITIES
from tests.benchmarks import catalogue
from tests.benchmarks.clients import CONNECTIONS, Address, Client
from tests.benchmarks.loading import Material
from tests.benchmarks.questions import Questions
from tests.benchmarks.results import percentile
from tests.benchmarks.serving import Reading
from tests.benchmarks.syncs import SOURCE, sync

PER_SECOND = 40
IDLE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Reads:
    """How reads went."""

    seconds: list[float]
    failed: int


def measure(reading: Reading, material: Material, rounds: int) -> None:
    """The rounds; reads that failed are counted over all of them, since a median would hide them."""
    failed = 0
    for number in range(1, rounds + 1):
        reading.servers.supervisor.progress.say(f"reading while bundles are published, round {number} of {rounds}")
        with another_source(reading.settings.require_database_url(), f"bench_other_{number}") as other:
            failed += _measure_round(reading, revision(material, number), other, material.bulk)
    reading.run.add(catalogue.READS_FAILED, failed)


def revision(material: Material, number: int) -> Path:
    """The district that differs from the one before: the rewritten one, and in the next round the original again."""
    return material.rewritten if number % 2 else material.bulk


@contextmanager
def another_source(database_url: str, source: str) -> Iterator[str]:
    """A source that nothing was published for. Its rows are gone afterwards, so that rounds begin alike."""
    yield source
    with psycopg.connect(database_url) as connection:
        for entity in ENTITIES:
            statement = sql.SQL("DELETE FROM {} WHERE source = %s").format(sql.Identifier(entity.table))
            connection.execute(statement, (source,))


def _measure_round(reading: Reading, changed: Path, other: str, first: Path) -> int:
    """How many reads failed, at rest and while each of the bundles is published."""
    paths = Questions(reading.known).mixed
    reading.vacuum()
    reading.forget()
    read_steadily(reading.access.by_key, itertools.islice(paths, 2 * PER_SECOND))  # workers get ready
    return (
        _measure_idle(reading, catalogue.READS_IDLE_MS, paths)
        + _measure_during(reading, catalogue.READS_DURING_CHANGES_MS, SOURCE, changed, paths)
        + _measure_during(reading, catalogue.READS_DURING_FIRST_MS, other, first, paths)
        + _measure_idle(reading, catalogue.READS_IDLE_BOTH_MS, paths)
    )


def _measure_idle(reading: Reading, key: str, paths: Iterator[str]) -> int:
    """How many reads failed with nothing beside them."""
    end = time.monotonic() + IDLE_SECONDS
    reads = read_steadily(reading.access.by_key, _until(lambda: time.monotonic() > end, paths))
    _add(reading, key, reads)
    return reads.failed


def _measure_during(reading: Reading, key: str, source: str, bundle: Path, paths: Iterator[str]) -> int:
    """How many reads failed meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(sync, reading.settings, bundle, "published", source)
        reads = read_steadily(reading.access.by_key, _until(publishing.done, paths))
        _add(reading, key, reads, **{"sync s": publishing.result().seconds})
    return reads.failed


def _add(reading: Reading, key: str, reads: Reads, **beside: float) -> None:
    p95, p99 = (1000 * percentile(reads.seconds, share) for share in (0.95, 0.99))
    reading.run.add(key, p95, **{"p50 ms": 1000 * percentile(reads.seconds, 0.5), "p99 ms": p99}, **beside)


def _until(over: Callable[[], bool], paths: Iterator[str]) -> Iterator[str]:
    return itertools.takewhile(lambda _: not over(), paths)


def read_steadily(address: Address, paths: Iterator[str]) -> Reads:
    """Ask for the paths, `PER_SECOND` of them, over as many connections as other measures have."""
    began, asked = time.perf_counter(), []
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for number, path in enumerate(paths):
            due = began + number / PER_SECOND
            time.sleep(max(0.0, due - time.perf_counter()))
            asked.append(pool.submit(_read, address, path, due))
    seconds = [read.result() for read in asked]
    answered = [second for second in seconds if second is not None]
    return Reads(answered, failed=len(seconds) - len(answered))


def _read(address: Address, path: str, due: float) -> float | None:
    """The seconds from when it was due; None if there was no answer, or another than 200."""
    try:
        good = Client(address).ask(path).is_good
    except (OSError, DependencyAway):
        return None
    return time.perf_counter() - due if good else None
