"""Folders of syncs: gone at the end, whatever happened; those of others are left alone while they are in use."""

from pathlib import Path

import pytest

from pipelines.workspaces import opened


def test_a_workspace_is_private_and_goes_at_the_end(tmp_path: Path) -> None:
    with opened(tmp_path / "syncs", "north") as folder:
        (folder / "users.parquet").write_text("x")
        assert folder.stat().st_mode & 0o077 == 0
    assert not list((tmp_path / "syncs").iterdir())


def test_it_goes_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), opened(tmp_path, "north"):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_what_nobody_holds_goes_when_the_next_begins(tmp_path: Path) -> None:
    (tmp_path / "north-left" / "staged").mkdir(parents=True)
    with opened(tmp_path, "north") as first, opened(tmp_path, "north") as second:
        assert sorted(tmp_path.iterdir()) == sorted([first, second])
