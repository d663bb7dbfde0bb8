"""The measure of Dagster's own share: the same syncs as a command and as a run of the stack that `rosterhub up` starts.

A district of moderate size, so that what Dagster adds is not lost in what loading takes. The two are measured in turn,
each with a tenth of the rows changed. A run's time is what whoever launched it waits: until the queue lets it begin,
until its process has started, and for its steps.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from deploy.local import stack
from deploy.local.progress import Progress
from deploy.local.record import Record
from deploy.local.supervisor import end_leftovers
from pipelines.dagster_api import DagsterApi
from pipelines.errors import Refused
from pipelines.run_records import SUCCEEDED
from pipelines.settings import Settings
from tests.benchmarks import bundles, catalogue, servers
from tests.benchmarks.results import Run
from tests.benchmarks.syncs import SOURCE, sync

STUDENTS = 10_000
_LOOKS_EVERY = 2.0  # seconds; the web server has to work for each look, and Dagster tells the moments itself


@dataclass(frozen=True)
class Stack:
    """A stack that is up, for measuring only. `settings` name what it started."""

    settings: Settings
    dagster: DagsterApi


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds of a run: until its first step began, and for its steps."""

    until_begun: float
    for_steps: float

    @property
    def altogether(self) -> float:
        return self.until_begun + self.for_steps


@contextmanager
def running(home: Path, progress: Progress) -> Iterator[Stack]:
    """Start everything with its state in `home`, and leave nothing there. What a killed run left is ended first."""
    end_leftovers(Record(home), progress)
    shutil.rmtree(home, ignore_errors=True)
    try:
        with stack.running(servers.settings_in(home), progress) as started:
            applications = started.applications
            yield Stack(applications.settings, DagsterApi(applications.ui_url))
    finally:
        shutil.rmtree(home, ignore_errors=True)


def measure(up: Stack, run: Run, rounds: int) -> None:
    """Rounds of a command and a run. The round before them is not counted: it loads what the others change."""
    folder = up.settings.home / "bundles"
    folder.mkdir()
    first, second = folder / "first", folder / "second"
    bundles.write_bulk(first, STUDENTS)
    bundles.write_changed(first, second, bundles.MANY)
    revisions = cycle((first, second))
    for number in range(rounds + 1):
        command = sync(up.settings, next(revisions), "published").seconds
        waited = wait_for(up.dagster, up.dagster.launch_sync(SOURCE, next(revisions)))
        if number:
            _add(run, command, waited)


def _add(run: Run, command: float, waited: Waited) -> None:
    beside = {"until its steps begin s": waited.until_begun, "its steps s": waited.for_steps}
    run.add(catalogue.SYNC_BY_COMMAND, command)
    run.add(catalogue.SYNC_BY_RUN, waited.altogether, **beside)
    run.add(catalogue.ORCHESTRATION, waited.altogether - command)


def wait_for(dagster: DagsterApi, run_id: str) -> Waited:
    """Until the run has succeeded. Raises Refused where it did not: that figure would mean nothing."""
    while not (found := dagster.run(run_id)).has_ended:
        time.sleep(_LOOKS_EVERY)
    if found.status != SUCCEEDED or not found.started or not found.ended:
        raise Refused(f"the run {run_id} should have succeeded, and ended {found.status}: {dagster.failure(run_id)}")
    return Waited(found.started - found.created, found.ended - found.started)
