"""What counts as arrived, and in which order."""

import os
import time
from pathlib import Path

import pytest

from pipelines.landing.arrivals import STALLED_SECONDS, arrival_at, arrivals, misnamed, passed_over, sources
from tests.pipelines.landing.deliveries import as_folder, as_zip, small


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    (tmp_path / "north").mkdir()
    return tmp_path


def _names(landing: Path, later: float = 60.0) -> list[str]:
    return [arrival.name for arrival in arrivals(landing, "north", 5, now=time.time() + later)]


def test_folders_with_a_source_name_are_sources(landing: Path) -> None:
    for name in ("south_2", "South", "no-dash", ".cache"):
        (landing / name).mkdir()
    (landing / "readme.txt").write_text("")

    assert sources(landing) == ["north", "south_2"]
    assert misnamed(landing) == ["South", "no-dash"]


def test_no_landing_folder_is_no_source(tmp_path: Path) -> None:
    assert sources(tmp_path / "away") == []
    assert arrivals(tmp_path / "away", "north", 0) == []


def test_zips_folders_and_loose_files_arrive_oldest_first(landing: Path) -> None:
    zipped = as_zip(landing / "north" / "b.zip", small())
    folder = as_folder(landing / "north" / "a", small())
    as_folder(landing / "north", small())
    os.utime(zipped, (100, 100))
    for file in folder.iterdir():
        os.utime(file, (200, 200))

    found = arrivals(landing, "north", 5, now=time.time() + 60)

    assert [arrival.path for arrival in found] == [zipped, folder, landing / "north"]
    assert found[0].mtime == 100
    assert found[1].size == sum(len(content) for content in small().values())


def test_what_was_just_written_has_not_arrived(landing: Path) -> None:
    as_zip(landing / "north" / "a.zip", small())

    assert _names(landing, later=1) == []
    assert _names(landing, later=6) == ["a.zip"]


def test_a_clock_that_runs_behind_does_not_hide_arrivals(landing: Path) -> None:
    as_zip(landing / "north" / "a.zip", small())

    assert _names(landing, later=-3600) == ["a.zip"]


def test_one_young_file_holds_its_folder(landing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = as_folder(landing / "north" / "a", small())
    assert _names(landing) == ["a"]

    (folder / "users.csv.part").write_text("")
    assert _names(landing) == []


@pytest.mark.parametrize("name", ["a.zip.part", "a.zip.filepart", "a.zip.crdownload", "a.zip.tmp", ".a.zip"])
def test_names_of_unfinished_uploads_are_no_arrivals(landing: Path, name: str) -> None:
    as_zip(landing / "north" / name, small())

    assert _names(landing, later=STALLED_SECONDS * 2) == []


def test_a_zip_without_its_end_is_waited_for_until_it_has_stalled(landing: Path) -> None:
    path = as_zip(landing / "north" / "a.zip", small())
    path.write_bytes(path.read_bytes()[:-30])

    assert _names(landing, later=STALLED_SECONDS - 60) == []
    assert _names(landing, later=STALLED_SECONDS + 60) == ["a.zip"]


def test_the_same_bundle_sent_again_is_another_arrival(landing: Path) -> None:
    path = as_zip(landing / "north" / "a.zip", small())
    first = arrival_at(path, landing)
    os.utime(path, (100, 100))

    assert first.key.startswith("north/a.zip@")
    assert arrival_at(path, landing).key != first.key


def test_a_path_given_by_hand_is_the_arrival_that_the_landing_folder_shows(landing: Path) -> None:
    as_zip(landing / "north" / "a.zip", small())
    as_folder(landing / "north" / "b", small())
    as_folder(landing / "north", small())

    for arrival in arrivals(landing, "north", 0, now=time.time() + 1):
        assert arrival_at(arrival.path, landing) == arrival


def test_links_and_other_files_are_passed_over(landing: Path) -> None:
    (landing / "south").mkdir()
    other = as_zip(landing / "south" / "secret.zip", small())
    (landing / "north" / "mine.zip").symlink_to(other)
    (landing / "north" / "folder").symlink_to(landing / "south")
    (landing / "north" / "export.7z").write_bytes(b"7z")
    (landing / "north" / "users.csv").write_text("")
    (landing / "north" / ".DS_Store").write_text("")

    assert _names(landing) == ["north"]
    assert passed_over(landing, "north") == ["export.7z", "folder", "mine.zip"]
