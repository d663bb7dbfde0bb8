"""Fixtures that every test may use: real servers, started only when a test asks for one."""

import os
from collections.abc import Iterator

import pytest
import redis

from deploy.local.valkey import Valkey
from tests import servers
from tests.servers import PostgresServer


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "faults: crashes, failover, soak; slow, and not part of `make test`")
    if not _is_worker(config):
        servers.make_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        servers.end_folder()


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    """PostgreSQL, shared by the whole run."""
    return servers.start_postgres()


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database of the test's own."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def migrated_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database of the test's own that has the schema and no rows."""
    from pipelines.roster.migrations import upgrade

    with postgres_server.database(template=postgres_server.migrated(upgrade)) as url:
        yield url


@pytest.fixture(scope="session")
def valkey_server() -> Valkey:
    """Valkey, shared by the whole run."""
    return servers.start_valkey()


@pytest.fixture
def redis_url(valkey_server: Valkey) -> str:
    """An empty numbered database that this worker alone uses. Channels are shared by all of them."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    url = valkey_server.url(int(worker))
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url
