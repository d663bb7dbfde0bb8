"""The parts of the benchmarks that are plain functions: aims, medians, texts. Nothing is measured here."""

import json
from pathlib import Path

import pytest

from pipelines.errors import SettingsError
from tests.benchmarks import catalogue, documents, machine, results, tables
from tests.benchmarks.catalogue import BY_KEY, MEASURES, Aim
from tests.benchmarks.results import Run, percentile


@pytest.fixture
def run() -> Run:
    """A run with some figures that are easy to reckon with."""
    made = Run("quick", 10, machine.facts(), {"users": 10, "roles": 20, "bytes": 1 << 21})
    for seconds in (9.0, 10.0, 30.0):
        made.add(catalogue.COPY_THEN_INDEXES, seconds)
    for seconds in (4.0, 1.0, 5.0):
        made.add(catalogue.SYNC_CHANGED, seconds, **{"writing s": seconds / 2})
    made.add(catalogue.SYNC_PEAK, 3000.0)
    return made


def test_every_aim_names_a_measure_of_the_catalogue() -> None:
    assert all(aim.anchor in {"", *BY_KEY} for measure in MEASURES for aim in measure.aims)
    assert len(BY_KEY) == len(MEASURES)
    assert all(measure.quoted is None or not measure.aims for measure in MEASURES)


@pytest.mark.parametrize(
    ("aim", "value", "anchor", "met"),
    [
        (Aim("x", 0.5), 5.0, 10.0, True),
        (Aim("x", 0.5), 5.1, 10.0, False),
        (Aim("", 60.0, "at least"), 61.0, 1.0, True),
        (Aim("", 60.0, "at least"), 59.0, 1.0, False),
        (Aim("x"), 5.0, 10.0, None),
    ],
)
def test_aims(aim: Aim, value: float, anchor: float, met: bool | None) -> None:
    assert aim.is_met(value, anchor) is met


def test_figures_are_medians_beside_the_anchor_of_the_same_run(run: Run) -> None:
    changed = next(row for row in tables.rows(run) if row[0].startswith("sync with 0.1 %"))
    assert changed[1:] == (
        "4.00",
        "s",
        f"0.40 × {BY_KEY[catalogue.COPY_THEN_INDEXES].title}",
        "at most 0.50 ×",
        "reached",
    )
    peak = next(row for row in tables.rows(run) if "memory" in row[0])
    assert peak[1:] == ("3,000", "MiB", "", "at most 2,560 MiB", "missed")


def test_an_anchor_that_is_quoted_needs_no_measuring() -> None:
    alone = Run("quick", 10, {})
    alone.add(catalogue.SORTED_UNCACHED, 89.0)
    (row,) = tables.rows(alone)
    assert row[3:] == ("10.0 × Ed-Fi's sort by `familyName` (quoted)", "at least 20.0 ×", "missed")


def test_a_measure_whose_anchor_is_missing_is_shown_without_it() -> None:
    alone = Run("quick", 10, {})
    alone.add(catalogue.SYNC_CHANGED, 2.0)
    assert tables.rows(alone) == [(BY_KEY[catalogue.SYNC_CHANGED].title, "2.00", "s", "", "", "")]


def test_what_was_seen_beside_is_a_median_too(run: Run) -> None:
    assert tables.beside_rows(run) == [(BY_KEY[catalogue.SYNC_CHANGED].title, "writing s 2.00")]


def test_a_run_is_written_and_read_back(run: Run, tmp_path: Path) -> None:
    results.write(run, tmp_path / "bench.json")
    assert results.read(tmp_path / "bench.json") == run
    plain = json.loads((tmp_path / "bench.json").read_text())
    assert plain["found"][catalogue.SYNC_CHANGED]["median"] == 4.0


@pytest.mark.parametrize("text", [None, "", "{}", "[1]"])
def test_reading_says_where_figures_come_from(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "bench.json").write_text(text)
    with pytest.raises(SettingsError, match="make bench"):
        results.read(tmp_path / "bench.json")


def test_a_figure_that_the_catalogue_does_not_have_is_refused(run: Run) -> None:
    with pytest.raises(KeyError):
        run.add("speed", 1.0)


def test_the_page_has_every_row_and_the_machine(run: Run) -> None:
    page = documents.page(run)
    assert all(f"| {' | '.join(row)} |" in page for row in tables.rows(run))
    assert "10 students: 30 rows in 2 MiB" in page
    assert f"{run.machine['cores']} cores" in page


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([4.0, 1.0, 3.0, 2.0], 0.5, 2.0), ([4.0, 1.0, 3.0, 2.0], 0.95, 4.0), ([7.0], 0.5, 7.0), ([1.0, 2.0], 1.0, 2.0)],
)
def test_percentiles_are_values_that_occurred(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


@pytest.mark.parametrize(("value", "text"), [(0.98765, "0.99"), (12.345, "12.3"), (61234.0, "61,234"), (100, "100")])
def test_numbers_have_the_digits_that_matter(value: float, text: str) -> None:
    assert tables.number(value) == text


def test_columns_of_a_table_are_aligned() -> None:
    assert tables.aligned(("a", "b"), [("long", "x"), ("s", "y")]) == "a     b\nlong  x\ns     y"
