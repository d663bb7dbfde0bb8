"""What a run of Dagster is said to take: only of a run that succeeded, and from the moment that it was launched.

The real stack is measured by the benchmarks themselves; its runs have tests of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pipelines.dagster_api import DagsterApi, Run
from pipelines.errors import Refused
from tests.benchmarks import orchestrating


@dataclass(frozen=True)
class Told(DagsterApi):
    """A Dagster that tells of one run, in these states one after the other."""

    states: Iterator[Run]

    def run(self, run_id: str) -> Run:
        return next(self.states)

    def failure(self, run_id: str) -> str:
        return "the disk is full"


def state(status: str, started: float | None = None, ended: float | None = None) -> Run:
    return Run("0b1c", "sync", "bench", status, 100.0, started, ended)


def test_a_run_takes_from_its_launch_to_its_end() -> None:
    states = [state("queued"), state("started", 104.5), state("succeeded", 104.5, 107.0)]
    waited = orchestrating.wait_for(Told("", iter(states)), "0b1c")
    assert (waited.until_begun, waited.for_steps, waited.altogether) == (4.5, 2.5, 7.0)


@pytest.mark.parametrize("ended", [state("failed", 104.5, 107.0), state("canceled")])
def test_a_run_that_did_not_succeed_is_no_figure(ended: Run) -> None:
    with pytest.raises(Refused, match=f"ended {ended.status}: the disk is full"):
        orchestrating.wait_for(Told("", iter([ended])), "0b1c")
