"""The measures of reading: the real API under gunicorn, over the bundles that loading left. Keys, scopes, rate limit,
audit log and cache are on as in production; only the rate is high enough.

Every round starts with an empty cache and with workers that remember nothing. What is "not cached" was never asked for
before; "cached" is one page again and again. Beside a rate: how long answers took (p50, p95, p99), and what a request
cost in CPU time, of the server's processes, of PostgreSQL's and of the client's own. Four connections ask at once, and
Node is asked as the API is; a server that closes connections after an answer has connecting in its figures.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.settings import Settings
from tests.benchmarks import access, anchoring, bare_reading, catalogue, crawling
from tests.benchmarks.access import Access
from tests.benchmarks.clients import CONNECTIONS, Address, Client
from tests.benchmarks.questions import ENROLLMENTS, LARGE_PAGE, PAGE, USERS, Known, Questions, page, take
from tests.benchmarks.results import Run, percentile
from tests.benchmarks.servers import ANCHOR, API, POSTGRES, Servers
from tests.benchmarks.syncs import SOURCE

_WARM_UP = 5 * CONNECTIONS  # requests of a kind, after which every worker has prepared its statements


@dataclass(frozen=True)
class Load:
    """How much is asked for: requests per measure and round, and the rows of a crawl."""

    requests: int
    crawl_rows: int


@dataclass(frozen=True)
class Case:
    """A rate that is measured: so much of what is asked for elsewhere, since some answers take long."""

    key: str
    address: Address
    paths: Iterator[str]
    share: float = 1.0
    service: str = API


@dataclass(frozen=True)
class Reading:
    """What is measured, and where the figures go. `anchor`: None where it could not be had."""

    servers: Servers
    settings: Settings
    access: Access
    anchor: Address | None
    known: Known
    run: Run

    @classmethod
    def start(cls, servers: Servers, settings: Settings, run: Run) -> "Reading":
        """With the API and the anchor over that database."""
        url = settings.require_database_url()
        servers.vacuum(url)
        known, anchor = Known.read(url), anchoring.start(servers, settings)
        granted = access.granted(url, servers.start_api(settings), known.schools)
        return cls(servers, settings, granted, Address.of(anchor) if anchor else None, known, run)

    def forget(self) -> None:
        """Let nothing be cached or remembered."""
        self.servers.forget(self.settings)

    def vacuum(self) -> None:
        """Let the database be as it is some minutes after a load."""
        self.servers.vacuum(self.settings.require_database_url())

    def measure_rate(self, case: Case, requests: int) -> None:
        """Requests per second of several connections at once, how long answers took, and what they cost."""
        paths, client = take(case.paths, _WARM_UP + round(requests * case.share)), Client(case.address)
        client.ask_all(paths[:_WARM_UP])
        before, began = self._used(case.service), time.perf_counter()
        seconds = client.ask_all(paths[_WARM_UP:])
        rate = len(seconds) / (time.perf_counter() - began)
        used = {name: 1000 * (after - before[name]) / len(seconds) for name, after in self._used(case.service).items()}
        waited = {f"p{share} ms": 1000 * percentile(seconds, share / 100) for share in (50, 95, 99)}
        self.run.add(case.key, rate, **waited, **used)

    def _used(self, service: str) -> dict[str, float]:
        return {
            "server CPU ms": self.servers.cpu_seconds(service),
            "PostgreSQL CPU ms": self.servers.cpu_seconds(POSTGRES),
            "client CPU ms": time.process_time(),
        }

    def measure_alone(self, key: str, paths: Iterator[str], requests: int) -> None:
        """How long one client waits, half of the time."""
        seconds = Client(self.access.by_key).ask_all(take(paths, requests), connections=1)
        self.run.add(key, 1000 * percentile(seconds, 0.5))


def measure(reading: Reading, load: Load, rounds: int) -> None:
    """Everything about reading, in rounds."""
    servers, run, url = reading.servers, reading.run, reading.settings.require_database_url()
    for number in range(1, rounds + 1):
        servers.supervisor.progress.say(f"reading, round {number} of {rounds}")
        reading.forget()
        asked = Questions(reading.known)
        run.add(catalogue.READ_PAGES, bare_reading.pages_per_second(url, SOURCE, load.requests))
        for case in (*_anchor_cases(reading), *_cases(reading.access, asked)):
            reading.measure_rate(case, load.requests)
        reading.measure_alone(catalogue.FIRST_PAGE_MS, asked.early_pages, load.requests // 10)
        reading.measure_alone(catalogue.DEEP_PAGE_MS, asked.deep_pages, load.requests // 10)
        reading.forget()
        _measure_crawls(reading, load)


def _anchor_cases(reading: Reading) -> Iterator[Case]:
    """The same questions as the API is asked, in the anchor's own round."""
    if reading.anchor is None:
        return
    asked = Questions(reading.known)
    for key, paths in (
        (catalogue.RAW_PAGE, asked.pages),
        (catalogue.RAW_ENROLLMENTS, asked.enrollments),
        (catalogue.RAW_SINGLE, asked.singles),
        (catalogue.RAW_DEEP, asked.deep_pages),
    ):
        yield Case(key, reading.anchor, paths, share=0.25 if key == catalogue.RAW_DEEP else 1.0, service=ANCHOR)


def _cases(access: Access, asked: Questions) -> Iterator[Case]:
    key, few = access.by_key, 0.25
    yield Case(catalogue.PAGE_UNCACHED, key, asked.pages)
    yield Case(catalogue.PAGE_CACHED, key, asked.same_page)
    yield Case(catalogue.ENROLLMENTS_UNCACHED, key, asked.enrollments)
    yield Case(catalogue.SINGLE_UNCACHED, key, asked.singles)
    yield Case(catalogue.SINGLE_BY_TOKEN, access.by_token, asked.singles)
    yield Case(catalogue.DEEP_UNCACHED, key, asked.deep_pages, few)
    yield Case(catalogue.FILTER_NAME, key, asked.names, few)
    yield Case(catalogue.FILTER_EMAIL, key, asked.addresses, few)
    yield Case(catalogue.FILTER_FEW_CHANGES, key, asked.few_changes, few)
    yield Case(catalogue.FILTER_ALL_CHANGES, key, asked.all_changes, few)
    yield Case(catalogue.SORTED_UNCACHED, key, asked.sorted_pages, few)
    yield Case(catalogue.NESTED_UNCACHED, key, asked.nested, few)
    yield Case(catalogue.LIMITED_PAGE, access.limited, asked.members_pages, few)
    yield Case(catalogue.LIMITED_SINGLE, access.limited, asked.members, few)


def _measure_crawls(reading: Reading, load: Load) -> None:
    client = Client(reading.access.by_key)
    for crawl, limit, start in (
        (catalogue.CRAWL, LARGE_PAGE, page(ENROLLMENTS, limit=LARGE_PAGE)),
        (catalogue.SMALL_CRAWL, PAGE, page(ENROLLMENTS)),
        (catalogue.SORTED_CRAWL, PAGE, page(USERS, sort="familyName")),
    ):
        crawling.measure(client, reading.run, crawl, start, limit, load.crawl_rows, reading.forget)
