"""What the soak makes of what it saw. The soak itself is long: `make test-faults`."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.benchmarks import soak
from tests.benchmarks.questions import Known, Questions
from tests.benchmarks.reading_while_publishing import PER_SECOND, Reads
from tests.benchmarks.soak import Watch


@pytest.mark.parametrize(
    ("seen", "grown"),
    [
        ([50.0, 90.0, 100.0, 101.0], []),  # what fills in the first half
        ([50.0, 60.0, 70.0, 90.0], ["api"]),
        ([500.0, 500.0, 500.0, 540.0], []),  # within a tenth
    ],
)
def test_only_growth_at_the_end_counts(seen: list[float], grown: list[str]) -> None:
    watch = Watch()
    watch.mebibytes["api"] = seen
    watch.mebibytes[soak.CAPPED] = [0.0, 100.0, 200.0, 300.0]
    assert watch.grown() == grown


def test_a_page_keeps_the_section_of_the_last_run_only(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Faults\n\n| a |\n")
    soak.write_into(page, ["first"])
    soak.write_into(page, ["second"])
    assert page.read_text() == "# Faults\n\n| a |\n\n## Mixed load for a long time\n\n- second\n"


def test_reads_do_not_end_where_a_small_district_does() -> None:
    known = Known(*(["a", "b"] for _ in range(7)), latest=datetime(2026, 8, 1, tzinfo=UTC))
    once = list(Questions(known).mixed)
    assert list(itertools.islice(soak.questions(known), 3 * len(once))) == 3 * once


@pytest.mark.parametrize(("answered", "failed", "lasted"), [(40, 0, True), (38, 2, True), (20, 0, False)])
def test_it_is_seen_when_reads_ended_early(answered: int, failed: int, lasted: bool) -> None:
    assert soak.lasted(Reads([0.01] * answered, failed), seconds=40 / PER_SECOND) is lasted
