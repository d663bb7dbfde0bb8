"""Archives that may not be unpacked, one fault each, and archives that may."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.landing import archives
from pipelines.landing.archives import Limits, unpack
from pipelines.landing.delivery import DeliveredFile
from pipelines.landing.remarks import Remarks
from tests.pipelines.landing.deliveries import Contents, as_zip, small

TINY = Limits(unpacked_bytes=10_000, entries=5, ratio=20)


def _unpacked(path: Path, limits: Limits = TINY, strict: bool = False) -> tuple[tuple[DeliveredFile, ...], Remarks]:
    remarks = Remarks(path.name, strict)
    return unpack(path, path.parent / "unpacked", limits, remarks), remarks


def _codes(remarks: Remarks) -> list[str]:
    return [found.code for found in remarks.findings]


def test_files_are_unpacked_with_the_digest_of_their_content(tmp_path: Path) -> None:
    files, remarks = _unpacked(as_zip(tmp_path / "a.zip", small()))

    assert {file.name: file.path.read_text() for file in files} == small()
    assert all(len(file.sha256) == 64 for file in files)
    assert not remarks.findings


def _patched(path: Path, contents: Contents, change: Callable[[bytearray], object]) -> Path:
    raw = bytearray(as_zip(path, contents).read_bytes())
    change(raw)
    path.write_bytes(raw)
    return path


def _encrypted(path: Path) -> Path:
    def set_flags(raw: bytearray) -> None:
        raw[raw.index(b"PK\x03\x04") + 6] |= 1
        raw[raw.index(b"PK\x01\x02") + 8] |= 1

    return _patched(path, {"users.csv": "a"}, set_flags)


def _prefixed(path: Path) -> Path:
    return _patched(path, small(), lambda raw: raw.__setitem__(slice(0, 0), b"#!/bin/sh\n"))


def _link(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("users.csv")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return path


def _twice(path: Path) -> Path:
    return _patched(path, {"users.csv": "a", "Users.csv": "b"}, lambda raw: _replace_all(raw, b"Users", b"users"))


def _replace_all(raw: bytearray, old: bytes, new: bytes) -> None:
    raw[:] = raw.replace(old, new)


def _damaged(path: Path) -> Path:
    content = "sourcedId,name\n" * 3
    return _patched(
        path,
        {"users.csv": content},
        lambda raw: raw.__setitem__(raw.index(b"users.csv") + len("users.csv") + 4, 0xFF),
    )


def _lying(path: Path) -> Path:
    """Its directory says that the entry has a byte, which is not so."""
    return _patched(
        path,
        {"users.csv": b"0123456789" * 1000},
        lambda raw: raw.__setitem__(slice(raw.index(b"PK\x01\x02") + 24, raw.index(b"PK\x01\x02") + 28), b"\1\0\0\0"),
    )


def _zip_of(contents: Contents, compression: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], Path]:
    return lambda path: as_zip(path, contents, compression)


REFUSED: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "no zip": ("zip_unreadable", lambda path: _written(path, b"sourcedId,name\n")),
    "empty file": ("zip_unreadable", lambda path: _written(path, b"")),
    "no entries": ("zip_empty", _zip_of({})),
    "litter only": ("zip_empty", _zip_of({"__MACOSX/._users.csv": "a"})),
    "password": ("zip_encrypted", _encrypted),
    "bzip2": ("zip_compression", _zip_of({"users.csv": "a" * 100}, zipfile.ZIP_BZIP2)),
    "lzma": ("zip_compression", _zip_of({"users.csv": "a" * 100}, zipfile.ZIP_LZMA)),
    "program in front": ("zip_prefixed", _prefixed),
    "path upwards": ("zip_path_unsafe", _zip_of({"../users.csv": "a"})),
    "path upwards with backslashes": ("zip_path_unsafe", _zip_of({"..\\users.csv": "a"})),
    "absolute path": ("zip_path_unsafe", _zip_of({"/etc/users.csv": "a"})),
    "drive letter": ("zip_path_unsafe", _zip_of({"C:users.csv": "a"})),
    "control character in a name": ("zip_path_unsafe", _zip_of({"us\ners.csv": "a"})),
    "endless name": ("zip_path_unsafe", _zip_of({"u" * 300 + ".csv": "a"})),
    "link": ("zip_link", _link),
    "archive within": ("zip_nested", _zip_of({"users.csv": "a", "more.ZIP": "a"})),
    "same name twice": ("zip_duplicate", _twice),
    "same name but for case": ("zip_duplicate", _zip_of({"users.csv": "a", "Users.csv": "b"})),
    "folders in folders": ("folder_levels", _zip_of({"a/b/users.csv": "a"})),
    "folder beside files": ("folder_beside_files", _zip_of({"users.csv": "a", "old/users.csv": "b"})),
    "two folders": ("folder_beside_files", _zip_of({"a/users.csv": "a", "b/orgs.csv": "b"})),
    "too many entries": ("zip_too_many_entries", _zip_of({f"{number}.csv": "a" for number in range(6)})),
    "large directory": ("zip_too_many_entries", _zip_of({f"{number:0200}.csv": "a" for number in range(30)})),
    "too large": ("zip_too_large", _zip_of({"users.csv": "a" * 10_001})),
    "too large together": ("zip_too_large", _zip_of({"users.csv": "a" * 6000, "orgs.csv": "b" * 6000})),
    "damaged entry": ("zip_entry_damaged", _damaged),
    "size that lies": ("zip_entry_damaged", _lying),
}


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("case", REFUSED)
def test_one_fault_refuses_and_is_named(case: str, tmp_path: Path) -> None:
    code, make = REFUSED[case]

    files, remarks = _unpacked(make(tmp_path / "a.zip"))

    assert files == ()
    assert [found.code for found in remarks.findings if found.rejects_bundle] == [code]


def test_nothing_is_written_outside_the_folder(tmp_path: Path) -> None:
    _unpacked(as_zip(tmp_path / "a.zip", {"../../outside.csv": "a"}))

    assert not list(tmp_path.rglob("outside.csv"))


def test_a_bomb_is_stopped_at_the_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "RATIO_APPLIES_ABOVE", 1000)
    monkeypatch.setattr(archives, "CHUNK", 1000)
    bomb = as_zip(tmp_path / "a.zip", {"users.csv": b"\0" * 100_000})

    files, remarks = _unpacked(bomb, Limits(unpacked_bytes=1 << 30, ratio=20))

    assert files == ()
    assert _codes(remarks) == ["zip_ratio"]
    assert (tmp_path / "unpacked" / "users.csv").stat().st_size < 100_000


def test_small_files_may_compress_as_hard_as_they_like(tmp_path: Path) -> None:
    files, remarks = _unpacked(as_zip(tmp_path / "a.zip", {"users.csv": b"\0" * 9_000}))

    assert len(files) == 1
    assert not remarks.findings


DEVIATIONS: dict[str, tuple[str, Contents]] = {
    "enclosing folder": ("enclosing_folder", {"export/": "", "export/users.csv": "a"}),
    "enclosing folder without its own entry": ("enclosing_folder", {"export/users.csv": "a"}),
    "backslashes": ("zip_backslashes", {".\\users.csv": "a"}),
    "macOS": ("litter", {"users.csv": "a", "__MACOSX/._users.csv": "x", ".DS_Store": "x"}),
    "Windows": ("litter", {"users.csv": "a", "Thumbs.db": "x"}),
}


@pytest.mark.parametrize("case", DEVIATIONS)
def test_a_deviation_is_read_with_a_warning_and_refused_in_strict(case: str, tmp_path: Path) -> None:
    code, contents = DEVIATIONS[case]
    path = as_zip(tmp_path / "a.zip", contents)

    files, remarks = _unpacked(path)
    assert [file.name for file in files] == ["users.csv"]
    assert _codes(remarks) == [code]
    assert not remarks.refused
    assert _unpacked(path, strict=True)[1].refused


@given(st.data())
def test_no_truncation_ever_raises(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("cut")
    whole = as_zip(folder / "a.zip", small()).read_bytes()
    path = _written(folder / "a.zip", whole[: data.draw(st.integers(0, len(whole) - 1))])

    files, remarks = _unpacked(path)

    assert files == ()
    assert remarks.refused


@given(st.data())
def test_no_damage_ever_raises_or_goes_unnoticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    raw = bytearray(as_zip(folder / "a.zip", small()).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = _written(folder / "a.zip", bytes(raw))

    files, remarks = _unpacked(path)

    assert remarks.refused or {file.path.read_text() for file in files} <= set(small().values())
