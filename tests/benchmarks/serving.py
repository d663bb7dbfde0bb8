"""The measures of reading: the real API under gunicorn, with a key, over the bundle that loading left.

"Not cached" means that Valkey is there and asked, and that no page is asked for twice.
"""

import itertools
import random
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import psycopg

from pipelines import credentials
from pipelines.errors import SettingsError
from pipelines.settings import Settings
from tests.benchmarks import bare_reading, catalogue, clients
from tests.benchmarks.clients import Address
from tests.benchmarks.results import Run, percentile
from tests.benchmarks.servers import Servers
from tests.benchmarks.syncs import SOURCE

CLIENTS = 4
BASE = f"/sources/{SOURCE}/ims/oneroster/rostering/v1p2"
USERS = f"{BASE}/users"


@dataclass(frozen=True)
class Load:
    """How much is asked for: requests per measure and round, and the size of a crawl's pages and their number."""

    requests: int
    rounds: int
    crawl_limit: int
    crawl_pages: int


@dataclass(frozen=True)
class Api:
    """What is measured, and by whom."""

    address: Address
    clients: Executor
    ids: list[str]  # of all users, in no order
    run: Run

    def measure_rate(self, key: str, paths: list[str]) -> None:
        """Requests per second of several clients at once, and how long single answers took."""
        shares = [paths[number::CLIENTS] for number in range(CLIENTS)]
        began = time.perf_counter()
        answers = self.clients.map(clients.ask_all, [self.address] * CLIENTS, shares)
        seconds = [second for one in answers for second in one]
        rate = len(paths) / (time.perf_counter() - began)
        self.run.add(
            key, rate, **{"p50 ms": 1000 * percentile(seconds, 0.5), "p95 ms": 1000 * percentile(seconds, 0.95)}
        )

    def measure_alone(self, key: str, paths: list[str]) -> None:
        """How long one client waits, half of the time."""
        self.run.add(key, 1000 * percentile(clients.ask_all(self.address, paths), 0.5))


def measure(servers: Servers, settings: Settings, run: Run, load: Load) -> None:
    """Everything about reading."""
    progress, url = servers.supervisor.progress, settings.require_database_url()
    servers.vacuum(url.rpartition("/")[2])
    address = Address.of(servers.start_api(settings), _make_key(url))
    with ProcessPoolExecutor(CLIENTS, mp_context=get_context("spawn")) as pool:
        api = Api(address, pool, _user_ids(url), run)
        fresh = _Paths(api.ids)
        _warm_up(api, fresh)
        for number in range(1, load.rounds + 1):
            progress.say(f"reading, round {number} of {load.rounds}")
            run.add(catalogue.READ_PAGES, bare_reading.pages_per_second(url, SOURCE, load.requests))
            _measure_rates(api, fresh, load.requests)
            _measure_crawl(api, load)


def _measure_rates(api: Api, fresh: "_Paths", requests: int) -> None:
    api.measure_rate(catalogue.PAGE_UNCACHED, fresh.take(fresh.pages, requests))
    api.measure_rate(catalogue.PAGE_CACHED, [USERS] * requests)
    api.measure_rate(catalogue.SINGLE_UNCACHED, fresh.take(fresh.singles, requests))
    api.measure_rate(catalogue.DEEP_UNCACHED, fresh.take(fresh.deep_pages, requests // 4))
    api.measure_alone(catalogue.FIRST_PAGE_MS, fresh.take(fresh.early_pages, requests // 10))
    api.measure_alone(catalogue.DEEP_PAGE_MS, fresh.take(fresh.deep_pages, requests // 10))


class _Paths:
    """Paths that were never asked for before, so that no answer is in the cache."""

    def __init__(self, ids: list[str]) -> None:
        offsets = list(range(len(ids) // 2, len(ids) - bare_reading.PAGE))
        random.Random(1).shuffle(offsets)  # noqa: S311 - the same every time
        self.pages = (f"{USERS}?limit=100&after={id_}" for id_ in ids)
        self.singles = (f"{USERS}/{id_}" for id_ in ids)
        self.deep_pages = (f"{USERS}?limit=100&offset={offset}" for offset in offsets)
        self.early_pages = (f"{USERS}?limit=100&offset={offset}" for offset in range(1, len(ids)))

    @staticmethod
    def take(paths: Iterator[str], count: int) -> list[str]:
        """The next paths. Raises SettingsError where the district has not so many."""
        taken = list(itertools.islice(paths, count))
        if len(taken) < count:
            raise SettingsError("the district is too small to ask for so many different pages: raise --students")
        return taken


def _measure_crawl(api: Api, load: Load) -> None:
    """Follow `next`; the first pages beside the last."""
    path, seconds = f"{BASE}/enrollments?limit={load.crawl_limit}", list[float]()
    while path and len(seconds) < load.crawl_pages:
        answer = clients.ask(api.address, path)
        seconds.append(answer.seconds)
        path = answer.following
    few = max(1, len(seconds) // 5)
    full = seconds[:-1] if not path else seconds  # the last page of all is shorter
    api.run.add(catalogue.CRAWL_ROWS, load.crawl_limit * len(full) / sum(full))
    api.run.add(catalogue.CRAWL_START_MS, 1000 * percentile(full[:few], 0.5))
    api.run.add(catalogue.CRAWL_END_MS, 1000 * percentile(full[-few:], 0.5))


def _warm_up(api: Api, fresh: "_Paths") -> None:
    """Every worker has its connections and its totals; every client process runs."""
    for paths in (fresh.singles, fresh.pages):
        list(api.clients.map(clients.ask_all, [api.address] * CLIENTS, [fresh.take(paths, 10)] * CLIENTS))
    clients.ask_all(api.address, [f"{BASE}/enrollments?limit=1"] * 2 * CLIENTS)


def _make_key(url: str) -> str:
    with credentials.opened(url) as connection:
        return credentials.create(connection, "benchmarks").header


def _user_ids(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT sourced_id FROM users WHERE source = %s ORDER BY md5(sourced_id)", (SOURCE,))
        return [sourced_id for (sourced_id,) in rows]
