"""What the soak makes of what it saw. The soak itself is long: `make test-faults`."""

from pathlib import Path

import pytest

from tests.benchmarks import soak
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
