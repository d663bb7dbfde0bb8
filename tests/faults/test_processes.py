"""Every process of the stack is killed in turn, without a word, while clients read: it comes back by itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import psutil
import psycopg
import pytest
import redis

from deploy.local import processes
from tests.faults import pair, stack, traffic
from tests.faults.reliability import Report
from tests.faults.stack import SOURCE, Stack
from tests.journeys.running import kill


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack.up(tmp_path_factory.mktemp("stack") / "home") as running:
        yield running


def answers(hub: Stack) -> Callable[[], bool]:
    """Whether a client is answered."""
    url = hub.url
    return lambda: traffic.ask(url, hub.key).outcome == "200"


def is_back(hub: Stack, service: str, old: psutil.Process) -> bool:
    """Whether the service runs again, as another process."""
    return hub.process(service) not in {None, old}


def test_a_worker_of_the_api(hub: Stack, report: Report) -> None:
    master = hub.running("api")
    old = master.children()

    def is_replaced() -> bool:
        return old[0] not in master.children() and len(master.children()) == len(old)

    met = stack.strike(hub, lambda: kill(old[0]), is_replaced)
    assert set(met.readers.failed()) <= {traffic.UNANSWERED}
    report.tell("API worker killed", saw=met.readers.told(), recovery=f"a new worker after {met.recovery:.1f} s")


def test_the_master_of_the_api(hub: Stack, report: Report) -> None:
    old = hub.running("api")
    well = answers(hub)
    met = stack.strike(hub, lambda: kill(old), lambda: is_back(hub, "api", old) and well())
    assert set(met.readers.failed()) <= {traffic.UNANSWERED}
    report.tell("gunicorn's master killed", saw=met.readers.told(), recovery=f"{met.recovery:.1f} s")


def test_postgresql(hub: Stack, report: Report) -> None:
    old = hub.running("postgres")
    well = answers(hub)
    met = stack.strike(hub, lambda: pair.crash(old), lambda: is_back(hub, "postgres", old) and well())
    assert set(met.readers.failed()) <= {"503"}
    report.tell(
        "PostgreSQL killed, with all of its processes", saw=met.readers.told(), recovery=f"{met.recovery:.1f} s"
    )


def test_redis(hub: Stack, report: Report) -> None:
    old = hub.running("valkey")
    met = stack.strike(hub, lambda: kill(old), lambda: is_back(hub, "valkey", old) and pings(hub))
    assert met.readers.failed() == {}
    report.tell("Redis killed", saw=met.readers.told(), lost="cached answers", recovery=f"{met.recovery:.1f} s")


def pings(hub: Stack) -> bool:
    try:
        with redis.Redis.from_url(hub.settings.require_redis_url()) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def test_redis_is_full(hub: Stack, report: Report) -> None:
    with redis.Redis.from_url(hub.settings.require_redis_url()) as client:
        usual = {name: client.config_get(name)[name] for name in ("maxmemory", "maxmemory-policy")}

        def fill() -> None:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", 1)
            time.sleep(2)
            with pytest.raises(redis.exceptions.OutOfMemoryError):
                client.set("cache:one", "more")
            for name, value in usual.items():
                client.config_set(name, value)

        met = stack.strike(hub, fill, lambda: bool(client.set("cache:one", "more", ex=1)))
    assert met.readers.failed() == {}
    report.tell("Redis full, and evicts nothing, for 2 s", saw=met.readers.told(), recovery="at once")


def test_all_connections_are_taken(hub: Stack, report: Report) -> None:
    held: list[psycopg.Connection] = []
    url = hub.settings.require_database_url()

    def take_all() -> None:
        with suppress(psycopg.OperationalError):  # that there are no more
            while True:
                held.append(psycopg.connect(url))
        time.sleep(5)
        for connection in held:
            connection.close()

    met = stack.strike(hub, take_all, answers(hub))
    assert set(met.readers.failed()) <= {"503"}
    report.tell(
        f"PostgreSQL's connections all taken by others ({len(held)} of them) for 5 s",
        saw=met.readers.told(),
        recovery="at once",
    )


def test_the_daemon(hub: Stack, report: Report) -> None:
    """A bundle that arrives while it is dead is published once it is back."""
    old = hub.running("daemon")
    with traffic.readers(hub.url, hub.key, count=1) as readers:
        kill(old)
        struck = time.monotonic()
        hub.land(2)
        published = processes.wait_until(lambda: generation(hub) == 2, 180)
    seconds = time.monotonic() - struck
    assert published
    assert readers.failed() == {}
    report.tell(
        "Dagster's daemon killed as a bundle arrives",
        saw=readers.told(),
        recovery=f"the bundle was published after {seconds:.0f} s; the sensor looks every 30 s",
    )


def generation(hub: Stack) -> int:
    with psycopg.connect(hub.settings.require_database_url()) as connection:
        row = connection.execute("SELECT generation FROM sources WHERE source = %s", [SOURCE]).fetchone()
    return row[0] if row else 0
