"""Rows accepted and rejected, file by file: duplicates, tombstones, shifted cells, lifecycle, secrets (rulings)."""

import csv
from pathlib import Path

import polars as pl
import pytest

from pipelines.handover import StagedBundle, StagedFile
from pipelines.oneroster.manifest import Mode
from tests.pipelines.conftest import Stage
from tests.pipelines.district import ROWS, District

DATE = "2026-01-02T00:00:00.000Z"


def accepted(staged: StagedBundle, name: str) -> list[str]:
    return pl.read_parquet(staged.files[name].accepted_path)["sourced_id"].to_list()


def rejected(staged: StagedBundle, name: str) -> dict[str, list[str]]:
    rows = pl.read_parquet(staged.files[name].rejected_path)
    return dict(rows.select("sourced_id", "codes").iter_rows())


def counts(file: StagedFile) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in file.findings:
        found[one.code] = found.get(one.code, 0) + one.count
    return found


def test_identical_rows_are_one_record(stage_district: Stage) -> None:
    staged = stage_district(District().add("orgs", **ROWS["orgs"][1]))
    assert accepted(staged, "orgs") == ["district", "north", "south"]
    assert counts(staged.files["orgs"]) == {"id_repeated": 1}


def test_rows_that_differ_only_in_what_is_normalised_are_identical(stage_district: Stage) -> None:
    staged = stage_district(District().add("orgs", **{**ROWS["orgs"][1], "type": " School"}))
    assert accepted(staged, "orgs") == ["district", "north", "south"]


def test_contradicting_rows_are_all_rejected(stage_district: Stage) -> None:
    staged = stage_district(District().add("orgs", **{**ROWS["orgs"][1], "name": "Another"}))
    assert accepted(staged, "orgs") == ["district", "south"]
    assert rejected(staged, "orgs") == {"north": ["id_duplicate"]}
    assert counts(staged.files["orgs"]) == {"id_duplicate": 2}
    assert {one.line for one in staged.files["orgs"].findings} == {3, 5}


def test_the_twin_of_a_rejected_row_is_rejected_too(stage_district: Stage) -> None:
    staged = stage_district(District().add("orgs", **{**ROWS["orgs"][1], "type": "nonsense"}))
    assert accepted(staged, "orgs") == ["district", "south"]
    assert staged.files["orgs"].rejected == 2


def test_in_a_delta_the_newest_row_wins(stage_district: Stage) -> None:
    district = District().only("orgs").delta(DATE)
    newer = {**district.row("orgs", "north"), "name": "Newer", "dateLastModified": "2026-01-03T00:00:00Z"}
    staged = stage_district(district.add("orgs", **newer))
    rows = pl.read_parquet(staged.files["orgs"].accepted_path)
    assert rows.filter(pl.col("sourced_id") == "north")["name"].to_list() == ["Newer"]
    assert counts(staged.files["orgs"]) == {"id_repeated": 1}


def test_in_a_delta_equal_dates_contradict(stage_district: Stage) -> None:
    district = District().only("orgs").delta(DATE)
    staged = stage_district(district.add("orgs", **{**district.row("orgs", "north"), "name": "Another"}))
    assert rejected(staged, "orgs") == {"north": ["id_duplicate"]}


def test_more_duplicates_than_are_shown_are_counted(stage_district: Stage) -> None:
    district = District()
    for number in range(30):
        for name in ("A", "B"):
            district.add("orgs", sourcedId=f"o{number}", name=name, type="school")
    file = stage_district(district).files["orgs"]
    assert file.rejected == 60
    assert counts(file) == {"id_duplicate": 60}
    assert len(file.findings) == 20


def test_a_tombstone_needs_only_its_lifecycle(stage_district: Stage) -> None:
    district = District().only("users")
    district.rows["users"] = [{"sourcedId": "gone", "status": "tobedeleted", "dateLastModified": DATE}]
    district.modes["users"] = Mode.DELTA
    assert accepted(stage_district(district), "users") == ["gone"]
    strict = stage_district(district, strict=True)
    assert strict.refused
    assert accepted(strict, "users") == []


def test_a_delta_without_any_lifecycle_refuses_the_bundle(stage_district: Stage) -> None:
    district = District().only("orgs")
    district.modes["orgs"] = Mode.DELTA
    staged = stage_district(district)
    assert staged.refused
    assert "delta_without_lifecycle" in counts(staged.files["orgs"])


def append_cells(bundle: Path, name: str, line: int, cells: str) -> None:
    lines = (bundle / f"{name}.csv").read_text().splitlines()
    lines[line - 1] += cells
    (bundle / f"{name}.csv").write_text("\n".join(lines))


@pytest.mark.parametrize(
    ("birth_date", "cells", "kept"),
    [("2011-02-03", ",,", True), ("2011-02-03", ",x", False), ("soon", ",,", False), ("soon", "", True)],
)
def test_where_cells_have_shifted_nothing_is_dropped(
    tmp_path: Path, stage_district: Stage, birth_date: str, cells: str, kept: bool
) -> None:
    from pipelines.landing.opening import open_bundle
    from pipelines.staged.staging import stage

    bundle = District().change("demographics", "pupil1", birthDate=birth_date).write(tmp_path / "shifted")
    append_cells(bundle, "demographics", 2, cells)
    staged = stage(open_bundle(bundle, tmp_path), tmp_path / "staged")
    assert (accepted(staged, "demographics") == ["pupil1"]) == kept


def test_passwords_are_written_nowhere(tmp_path: Path, stage_district: Stage) -> None:
    staged = stage_district(District().change("users", "pupil1", password="hunter2"))
    for path in staged.files["users"].accepted_path.parent.glob("*"):
        assert b"hunter2" not in path.read_bytes()


def test_metadata_is_kept_as_one_object_with_sorted_keys(stage_district: Stage) -> None:
    district = District()
    district.extra_columns["orgs"] = ["metadata.z", "metadata.a b"]
    district.change("orgs", "north", **{"metadata.z": 'quote " and \\ and \n line', "metadata.a b": "1"})
    rows = pl.read_parquet(stage_district(district).files["orgs"].accepted_path)
    by_id = dict(rows.select("sourced_id", "metadata").iter_rows())
    assert by_id["north"] == '{"a b":"1","z":"quote \\" and \\\\ and \\n line"}'
    assert by_id["south"] is None


def test_rows_of_commas_are_left_out_and_told(tmp_path: Path) -> None:
    from pipelines.landing.opening import open_bundle
    from pipelines.staged.staging import stage

    bundle = District().write(tmp_path / "b")
    with (bundle / "orgs.csv").open("a", newline="") as file:
        csv.writer(file).writerow([""] * 7)
    staged = stage(open_bundle(bundle, tmp_path), tmp_path / "staged")
    assert staged.files["orgs"].accepted == 3
    assert counts(staged.files["orgs"]) == {"row_empty": 1}


def test_the_summary_is_read_back_as_it_was_written(stage_district: Stage) -> None:
    staged = stage_district(District().change("users", "pupil2", enabledUser="TRUE"))
    folder = staged.files["users"].accepted_path.parent
    assert StagedBundle.read(folder) == staged
