"""The API over the small roster of people.py, filled once for a module: its tests only read."""

from collections.abc import Iterator

import pytest

from tests.api.conftest import Api, serving_filled
from tests.api.query import people
from tests.servers import PostgresServer


@pytest.fixture(scope="module")
def hub(postgres_server: PostgresServer) -> Iterator[Api]:
    """The API, asked with a key that may read everything."""
    with serving_filled(postgres_server, people.fill) as api:
        yield api
