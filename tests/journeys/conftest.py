"""A line over the test's own database, and the API over that."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import Api, serving, settings_for
from tests.journeys.line import Line


@pytest.fixture
def line(tmp_path: Path, migrated_url: str) -> Line:
    return Line(tmp_path, migrated_url)


@pytest.fixture
def api(line: Line) -> Iterator[Api]:
    """The API in this process, asked with a key that may read everything."""
    with serving(settings_for(line.database_url), line.key()) as api:
        yield api
