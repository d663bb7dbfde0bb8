"""What lies in the landing folder: per source, the zips, folders and loose CSV files that have arrived completely.

    <landing>/<source>/2026-09-01.zip     a bundle
    <landing>/<source>/2026-09-01/        a bundle
    <landing>/<source>/users.csv …        one bundle, all of them together

Nothing is opened, moved or deleted. Links are not followed: whoever uploads for one source must not be able to point
at another's files.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.contract import is_source_name
from pipelines.landing.delivery import is_litter, is_unfinished
from pipelines.landing.zip_ends import directory_size

# An upload that has stalled for longer than this has failed: the broken file is taken up, so that somebody is told.
STALLED_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A bundle that lies there completely. The same bundle sent again is another arrival."""

    key: str  # names this arrival for good: path, moment and size
    path: Path
    name: str
    mtime: float  # of its newest file, in seconds since 1970
    size: int  # of its files together, in bytes


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    stat: os.stat_result


def sources(landing: Path) -> list[str]:
    """The sources that have a folder, by name."""
    return [name for name in _folder_names(landing) if is_source_name(name)]


def misnamed(landing: Path) -> list[str]:
    """Folders whose name cannot be that of a source, so that nothing in them is ever read."""
    return [name for name in _folder_names(landing) if not is_source_name(name)]


def arrivals(landing: Path, source: str, stable_seconds: float, now: float | None = None) -> list[Arrival]:
    """A source's bundles that have not changed for `stable_seconds`, oldest first. `now` as of time.time()."""
    folder, moment = landing / source, time.time() if now is None else now
    found = [
        _arrival(path, files, landing) for path, files in _bundles(folder) if _complete(files, moment, stable_seconds)
    ]
    return sorted(found, key=lambda arrival: (arrival.mtime, arrival.name))


def arrival_at(path: Path, landing: Path) -> Arrival:
    """The arrival that a path given by hand is, complete or not. FileNotFoundError if there is nothing."""
    if path.is_dir():
        loose = path.parent.absolute() == landing.absolute()
        files = _loose_files(path) if loose else list(_files_below(path))
    else:
        files = [_File(path, path.stat())]
    return _arrival(path, files, landing)


def passed_over(landing: Path, source: str) -> list[str]:
    """Names in a source's folder that are neither bundles nor on their way to be: links, other kinds of files."""
    folder = landing / source
    read = {path.name for path, _ in _bundles(folder)} | {file.path.name for file in _loose_files(folder)}
    names = (path.name for path in _listed(folder) if not path.is_dir() or path.is_symlink())
    return [name for name in names if name not in read and not is_unfinished(name) and not is_litter((name,))]


def _folder_names(landing: Path) -> list[str]:
    return [path.name for path in _listed(landing) if path.is_dir() and not is_unfinished(path.name)]


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _bundles(folder: Path) -> Iterator[tuple[Path, list[_File]]]:
    """Each bundle's path with its files, the unfinished ones among them."""
    if loose := _loose_files(folder):
        yield folder, loose
    for path in _listed(folder):
        if path.is_symlink() or is_unfinished(path.name) or is_litter((path.name,)):
            continue
        if path.is_dir() and (inside := list(_files_below(path))):
            yield path, inside
        elif path.is_file() and path.suffix.lower() == ".zip":
            yield path, list(_measured([path]))


def _loose_files(folder: Path) -> list[_File]:
    """The CSV files directly in a source's folder, and those that are still becoming one."""
    files = [path for path in _listed(folder) if path.is_file() and not path.is_symlink()]
    ready = [path for path in files if path.suffix.lower() == ".csv" and not is_unfinished(path.name)]
    becoming = [path for path in files if ".csv." in path.name.lower() and is_unfinished(path.name)]
    return list(_measured([*ready, *becoming])) if ready else []


def _files_below(folder: Path) -> Iterator[_File]:
    for parent, _, names in os.walk(folder):
        yield from _measured(Path(parent, name) for name in sorted(names))


def _measured(paths: Iterator[Path] | list[Path]) -> Iterator[_File]:
    for path in paths:
        try:
            yield _File(path, path.stat(follow_symlinks=False))
        except FileNotFoundError:  # renamed meanwhile, as uploads are when they end
            continue


def _complete(files: list[_File], now: float, stable_seconds: float) -> bool:
    """Whether nothing was written for long enough, and no file says of itself that it is unfinished."""
    quiet = min((_age(file, now) for file in files), default=0.0)
    if quiet >= STALLED_SECONDS:
        return True
    return quiet >= stable_seconds and not any(_unfinished(file.path) for file in files)


def _age(file: _File, now: float) -> float:
    """Seconds since the file was last written. By ctime: uploads set mtime to what they like, clocks may be off."""
    return abs(now - file.stat.st_ctime)


def _unfinished(path: Path) -> bool:
    if is_litter((path.name,)):
        return False
    return is_unfinished(path.name) or (path.suffix.lower() == ".zip" and not _has_end(path))


def _has_end(archive: Path) -> bool:
    """Whether a zip is there to its end; one that may not be read is left for opening to complain about."""
    try:
        return directory_size(archive) is not None
    except FileNotFoundError:
        return False
    except PermissionError:
        return True


def _arrival(path: Path, files: list[_File], landing: Path) -> Arrival:
    newest = max((file.stat.st_mtime_ns for file in files), default=0)
    size = sum(file.stat.st_size for file in files)
    absolute = path.absolute()
    shown = absolute.relative_to(landing.absolute()) if absolute.is_relative_to(landing.absolute()) else absolute
    return Arrival(f"{shown.as_posix()}@{newest}+{size}", path, path.name, newest / 1e9, size)
