"""The end record of a zip archive: whether it is there, and how large a directory it announces.

Read before the `zipfile` module, which takes the whole directory into memory whatever its size.
"""

import struct
from pathlib import Path

_SIGNATURE = b"PK\x05\x06"
_SIZE = 22
_LONGEST_COMMENT = 1 << 16
_DIRECTORY_SIZE_AT = 12
# zip64 archives have a locator right before the end record, and a record with longer numbers before that.
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_LONG_RECORD, _LONG_RECORD_SIZE = b"PK\x06\x06", 56
_LONG_DIRECTORY_SIZE_AT = 40


def directory_size(path: Path) -> int | None:
    """The bytes that the archive's directory takes; None where the archive has no end, as in an unfinished upload."""
    tail = _tail(path, _SIZE + _LONGEST_COMMENT + _LOCATOR_SIZE + _LONG_RECORD_SIZE)
    at = tail.rfind(_SIGNATURE)
    if at < 0 or len(tail) < at + _SIZE:
        return None
    (size,) = struct.unpack_from("<L", tail, at + _DIRECTORY_SIZE_AT)
    return max(int(size), _long_size(tail[:at])) if _has_locator(tail[:at]) else int(size)


def _tail(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - length))
        return file.read(length)


def _has_locator(before: bytes) -> bool:
    return before[-_LOCATOR_SIZE:].startswith(_LOCATOR)


def _long_size(before: bytes) -> int:
    record = before[:-_LOCATOR_SIZE][-_LONG_RECORD_SIZE:]
    if len(record) < _LONG_RECORD_SIZE or not record.startswith(_LONG_RECORD):
        return 0
    (size,) = struct.unpack_from("<Q", record, _LONG_DIRECTORY_SIZE_AT)
    return int(size)
