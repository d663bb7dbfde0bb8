"""Every test here is one of faults; what they measured is gathered and written when the run ends."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.reliability import VARIABLE, Report
from tests.journeys.conftest import api, line

__all__ = ["api", "line"]  # fixtures

_HERE = Path(__file__).parent
_REPORT = pytest.StashKey[Report]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    result = outcome.get_result()  # type: ignore[attr-defined]  # pluggy's Result
    if result.skipped and isinstance(result.longrepr, tuple):
        _report(item.config).skipped.append(f"`{item.name}`: {result.longrepr[2].removeprefix('Skipped: ')}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    report, path = _report(session.config), os.environ.get(VARIABLE)
    if path:
        report.write(Path(path))
    elif report.rows:
        print("", *report.rows, sep="\n")


def _report(config: pytest.Config) -> Report:
    return config.stash.setdefault(_REPORT, Report())


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Where a test says what it measured."""
    return _report(request.config)
