"""Unpacking a zip that anybody may have made: nothing in it is trusted, and every fault becomes a finding.

Sizes are counted while unpacking, never taken from headers. Names are only ever used without their folders.
"""

import errno
import hashlib
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.landing.delivery import DeliveredFile, is_litter
from pipelines.landing.remarks import Remarks
from pipelines.landing.zip_ends import directory_size

CHUNK = 1 << 20
RATIO_APPLIES_ABOVE = 10 << 20  # small files of zeros compress harder than any limit, and do no harm
BYTES_PER_DIRECTORY_ENTRY = 1 << 10  # far more than a genuine entry takes
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1 | 0x40 | 0x2000  # flag bits: encrypted, strongly encrypted, encrypted directory
ARCHIVE_SUFFIXES = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst")
NAME_BYTES = 255

# What `zipfile` and `zlib` raise on damaged archives; OSError only where a broken offset was seeked.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What unpacking may cost. A ratio above `ratio` is refused once more than 10 MiB were unpacked."""

    unpacked_bytes: int = 1 << 30
    entries: int = 200
    ratio: int = 200


class _RefusalError(Exception):
    """The archive is refused; never leaves this module."""

    def __init__(self, code: str, **facts: Any):
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class _Entry:
    info: zipfile.ZipInfo
    parts: tuple[str, ...]  # the path in the archive

    @property
    def shown(self) -> str:
        return "/".join(self.parts)


class _Budget:
    """Counts what was unpacked against the limits."""

    def __init__(self, limits: Limits, packed_bytes: int):
        self.limits = limits
        self.packed_bytes = packed_bytes
        self.spent = 0

    def spend(self, unpacked: int) -> None:
        self.spent += unpacked
        if self.spent > self.limits.unpacked_bytes:
            raise _RefusalError("zip_too_large", limit=self.limits.unpacked_bytes)
        if self.spent > RATIO_APPLIES_ABOVE and self.spent > self.limits.ratio * self.packed_bytes:
            raise _RefusalError("zip_ratio", limit=self.limits.ratio)


def unpack(archive: Path, folder: Path, limits: Limits, remarks: Remarks) -> tuple[DeliveredFile, ...]:
    """Unpack the files of a zip flat into `folder`; () and a refusal among the remarks where that may not be."""
    try:
        return _unpack(archive, folder, limits, remarks)
    except _RefusalError as refusal:
        remarks.refusal(refusal.code, **refusal.facts)
    except DAMAGE:
        remarks.refusal("zip_unreadable")
    return ()


def _unpack(archive: Path, folder: Path, limits: Limits, remarks: Remarks) -> tuple[DeliveredFile, ...]:
    _judge_end(archive, limits)
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive) as opened:
        entries = _entries(opened, limits, remarks)
        budget = _Budget(limits, archive.stat().st_size)
        return tuple(_extract(opened, entry, folder, budget) for entry in entries)


def _judge_end(archive: Path, limits: Limits) -> None:
    size = directory_size(archive)
    if size is None:
        raise _RefusalError("zip_unreadable")
    if size > limits.entries * BYTES_PER_DIRECTORY_ENTRY:
        raise _RefusalError("zip_too_many_entries", limit=limits.entries)


def _entries(opened: zipfile.ZipFile, limits: Limits, remarks: Remarks) -> list[_Entry]:
    """The files to unpack, after everything that can be judged without unpacking."""
    infos = opened.infolist()
    if len(infos) > limits.entries:
        raise _RefusalError("zip_too_many_entries", limit=limits.entries)
    if infos and min(info.header_offset for info in infos) > 0:
        raise _RefusalError("zip_prefixed")
    slashed = [info.orig_filename for info in infos if "\\" in info.orig_filename]
    if slashed:
        remarks.deviation("zip_backslashes", entry=_printable(slashed[0]), count=len(slashed))
    entries = [_Entry(info, _parts(info)) for info in infos]
    litter = [entry for entry in entries if entry.parts and is_litter(entry.parts)]
    if litter:
        remarks.deviation("litter", entry=litter[0].shown, count=len(litter))
    kept = [entry for entry in entries if entry.parts and entry not in litter]
    files = [entry for entry in kept if not entry.info.is_dir()]
    if not files:
        raise _RefusalError("zip_empty")
    for entry in files:
        _judge_entry(entry)
    _judge_folders(kept, files, remarks)
    _judge_duplicates(files)
    return files


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    name = info.filename = info.orig_filename.replace("\\", "/")  # is_dir() goes by `filename`
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    unusable = any(part == ".." or len(part.encode(errors="replace")) > NAME_BYTES for part in parts)
    if unusable or not name or re.match(r"/|[A-Za-z]:", name) or not name.isprintable():
        raise _RefusalError("zip_path_unsafe", entry=_printable(name))
    return parts


def _printable(name: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)[:NAME_BYTES]


def _judge_entry(entry: _Entry) -> None:
    info = entry.info
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise _RefusalError("zip_link", entry=entry.shown)
    if info.flag_bits & ENCRYPTED:
        raise _RefusalError("zip_encrypted", entry=entry.shown)
    if info.compress_type not in COMPRESSIONS:
        raise _RefusalError("zip_compression", entry=entry.shown)
    if entry.parts[-1].lower().endswith(ARCHIVE_SUFFIXES):
        raise _RefusalError("zip_nested", entry=entry.shown)


def _judge_folders(kept: list[_Entry], files: list[_Entry], remarks: Remarks) -> None:
    """Files at the top, or all in one folder; a folder's own entry counts as the folder."""
    folders = {entry.parts if entry.info.is_dir() else entry.parts[:-1] for entry in kept} - {()}
    deepest = max(folders, key=len, default=())
    if len(deepest) > 1:
        raise _RefusalError("folder_levels", entry="/".join(deepest))
    if len(folders) > 1 or (folders and any(len(entry.parts) == 1 for entry in files)):
        raise _RefusalError("folder_beside_files", entry=deepest[0])
    if folders:
        remarks.deviation("enclosing_folder", entry=deepest[0])


def _judge_duplicates(files: list[_Entry]) -> None:
    seen = set()
    for entry in files:
        name = entry.parts[-1].casefold()
        if name in seen:
            raise _RefusalError("zip_duplicate", entry=entry.shown)
        seen.add(name)


def _extract(opened: zipfile.ZipFile, entry: _Entry, folder: Path, budget: _Budget) -> DeliveredFile:
    target, digest = folder / entry.parts[-1], hashlib.sha256()
    with target.open("wb") as file:
        try:
            with opened.open(entry.info) as packed:
                while chunk := packed.read(CHUNK):
                    budget.spend(len(chunk))
                    digest.update(chunk)
                    file.write(chunk)
        except DAMAGE as damage:
            raise _RefusalError("zip_entry_damaged", entry=entry.shown) from damage
        except OSError as error:
            if error.errno != errno.EINVAL:  # the disk, not the archive
                raise
            raise _RefusalError("zip_entry_damaged", entry=entry.shown) from error
    return DeliveredFile(target.name, target, digest.hexdigest())
