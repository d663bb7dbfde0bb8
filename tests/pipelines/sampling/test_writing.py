"""Where samples go: folders and zips, whole or not at all."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.errors import Refused
from pipelines.landing.opening import open_bundle
from pipelines.sampling import parts
from pipelines.sampling.writing import write
from tests.pipelines.sampling.bundles import rows, sample


def test_a_zip_holds_what_the_folder_holds_and_is_repeatable(tmp_path: Path) -> None:
    for name in ("folder", "one.zip", "two.zip"):
        write(sample(30), tmp_path / name)

    folder, zipped = (open_bundle(tmp_path / name, tmp_path / "work", strict=True) for name in ("folder", "one.zip"))
    assert folder.fingerprint == zipped.fingerprint
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_slices_of_any_size_give_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(sample(60, gradebook=True, resources=True), tmp_path / "at once")
    monkeypatch.setattr(parts, "SLICE", 7)
    write(sample(60, gradebook=True, resources=True), tmp_path / "sliced")

    for path in (tmp_path / "at once").iterdir():
        assert path.read_bytes() == (tmp_path / "sliced" / path.name).read_bytes()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "users.csv").write_text("mine")
    (tmp_path / "there.zip").write_text("mine")

    for name in ("there", "there.zip"):
        with pytest.raises(Refused, match="already there"):
            write(sample(1), tmp_path / name)
    assert (tmp_path / "there" / "users.csv").read_text() == "mine"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "north").mkdir()
    write(sample(1), tmp_path / "north")

    assert rows(tmp_path / "north", "users")


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(name: str, written: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(sample(1), tmp_path / "bundle.zip", fail)
    assert list(tmp_path.iterdir()) == []


def test_the_rows_are_counted_and_progress_is_told(tmp_path: Path) -> None:
    told: dict[str, int] = {}

    counted = write(sample(30), tmp_path / "bundle", lambda name, written: told.update({name: written}))

    assert counted == told == {name: len(rows(tmp_path / "bundle", name)) for name in counted}


def test_the_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["sample", "--students", "3", "--seed", "5", str(tmp_path / "a.zip")])

    assert result.exit_code == 0, result.output
    assert "demographics.csv" in result.output
    assert not open_bundle(tmp_path / "a.zip", tmp_path / "work", strict=True).findings


def test_the_command_knows_that_japan_has_no_1_1(tmp_path: Path) -> None:
    options = ["--students", "3", "--flavour", "japan", "--version", "1.1"]
    result = CliRunner().invoke(main, ["sample", *options, str(tmp_path / "a")])

    assert result.exit_code == 2
    assert "only in OneRoster 1.2" in result.output
