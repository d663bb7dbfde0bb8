"""This machine under examination: room on the disks, and who may look into the folders."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from pipelines.doctor.diagnosis import Diagnosis, fail, graded, ok, warn
from pipelines.settings import Settings

_GIB = 2**30
_WARN_FREE, _FAIL_FREE = 5 * _GIB, _GIB
_WARN_SHARE, _FAIL_SHARE = 0.1, 0.03


def disks(settings: Settings) -> Iterator[Diagnosis]:
    """Room where data grows, once per disk."""
    seen: set[int] = set()
    for folder in (settings.home, settings.landing, settings.backup_folder):
        place = next(path for path in (folder, *folder.parents) if path.is_dir())
        device = place.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield disk(place, *shutil.disk_usage(place))


def disk(place: Path, total: int, used: int, free: int) -> Diagnosis:
    """By share and by size: a tenth of a large disk is plenty, a tenth of a small one is not."""
    share = free / total
    return graded(
        "disk",
        f"{place}: {free / _GIB:.1f} GiB of {total / _GIB:.1f} GiB are free",
        "remove old bundles and logs, or `rosterhub backup prune`",
        fails=(free < _FAIL_FREE and share < _WARN_SHARE) or share < _FAIL_SHARE,
        warns=(free < _WARN_FREE and share < _WARN_SHARE * 2) or share < _WARN_SHARE,
    )


def folders(settings: Settings) -> Iterator[Diagnosis]:
    """Bundles can be read, backups written, and strangers see neither."""
    yield private("home", settings.home, os.R_OK | os.W_OK | os.X_OK)
    yield reachable("landing", settings.landing, os.R_OK | os.X_OK)
    if settings.backup_folder.is_dir():
        yield private("backups", settings.backup_folder, os.R_OK | os.W_OK | os.X_OK)


def private(check: str, folder: Path, needed: int) -> Diagnosis:
    """Usable by us, and closed to everybody else, be it by a folder above."""
    usable = reachable(check, folder, needed)
    if usable.remedy or not folder.is_dir() or not _is_open(folder):
        return usable
    return warn(check, f"{folder} may be read by other users of this machine", f"chmod o-rwx {folder}")


def _is_open(folder: Path) -> bool:
    """Whether everybody may enter it and all folders above it."""
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def reachable(check: str, folder: Path, needed: int) -> Diagnosis:
    """There, and usable by us."""
    if not folder.exists():
        return warn(check, f"{folder} is not there yet", f"`rosterhub up` makes it; or make it: mkdir -p {folder}")
    if not folder.is_dir():
        return fail(check, f"{folder} is no folder", "move it away, or name another place in the settings")
    if not os.access(folder, needed):
        return fail(check, f"{folder} cannot be used by this user", f"chown or chmod {folder} for this user")
    return ok(check, str(folder))
