"""Disks and folders: by numbers and by permissions."""

import os
from pathlib import Path

import pytest

from pipelines.doctor import machine
from pipelines.doctor.diagnosis import State
from pipelines.settings import load

GIB = 2**30


@pytest.mark.parametrize(
    ("total", "free", "state"),
    [
        (1000, 500, State.OK),
        (1000, 90, State.WARN),
        (1000, 20, State.FAIL),
        (20, 3.5, State.WARN),  # a sixth, but little
        (8, 0.5, State.FAIL),
        (4, 3, State.OK),
    ],
)
def test_room_on_a_disk(total: float, free: float, state: State) -> None:
    found = machine.disk(Path("/srv"), int(total * GIB), 0, int(free * GIB))
    assert found.state is state
    assert bool(found.remedy) == (state is not State.OK)


def test_a_disk_is_told_of_once(tmp_path: Path) -> None:
    found = list(machine.disks(load({"ROSTERHUB_HOME": str(tmp_path / "new")}, None)))
    assert [one.check for one in found] == ["disk"]


def test_a_folder_that_is_not_there_or_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    missing = machine.reachable("landing", tmp_path / "none", os.R_OK)
    assert (missing.state, "mkdir" in missing.remedy) == (State.WARN, True)
    assert machine.reachable("landing", tmp_path / "file", os.R_OK).state is State.FAIL
    assert machine.reachable("landing", tmp_path, os.R_OK).state is State.OK


def test_a_folder_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may do everything
    assert machine.reachable("landing", tmp_path, os.R_OK).state is State.FAIL


def test_a_folder_that_strangers_may_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_is_open", lambda folder: bool(folder.stat().st_mode & 0o001))
    tmp_path.chmod(0o755)
    assert machine.private("home", tmp_path, os.R_OK).state is State.WARN
    tmp_path.chmod(0o700)
    assert machine.private("home", tmp_path, os.R_OK).state is State.OK


def test_a_closed_folder_above_is_enough(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir(mode=0o755)
    tmp_path.chmod(0o700)
    assert not machine._is_open(inner)
