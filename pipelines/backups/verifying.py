"""Verifying a backup, also called a drill: its finished files are restored into scratch databases and compared.

Rows were counted in the very snapshot that was dumped, so that a copy can be held against it although the roster goes
on changing.
"""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipelines.backups import inventory, records, scratch, sealing, server, shelf
from pipelines.backups.inventory import Inventory
from pipelines.backups.programs import ClientPrograms
from pipelines.backups.restoring import CHANGED, fill
from pipelines.backups.shelf import Backup, StoredFile
from pipelines.errors import Refused
from pipelines.progress import Progress, silent
from pipelines.settings import Settings


def verify(settings: Settings, made: Backup, progress: Progress = silent) -> Backup:
    """Restore both files of a backup, one after the other, and hold each against what was dumped.

    What was found is noted beside it and told in the roster database; the latest links lead to the newest good one
    afterwards. Raises NoIdentity for an encrypted backup without a secret key: nothing is noted then.
    """
    with shelf.locked(made.folder):
        fitting = server.fitting_programs(settings)
        faults: list[str] = []
        seconds = []
        for file in made.files:
            progress(f"restoring {file.name}")
            began = time.monotonic()
            faults += _faults(settings, fitting, made, file)
            seconds.append(time.monotonic() - began)
        checked = replace(
            made,
            faults=tuple(faults),
            drilled_at=datetime.now(UTC).isoformat(timespec="seconds"),
            drill_seconds=round(seconds[0], 3),
        )
        shelf.note(checked)
        shelf.relink(made.folder)
    records.tell(settings, checked)
    return checked


def _faults(settings: Settings, fitting: ClientPrograms, made: Backup, file: StoredFile) -> tuple[str, ...]:
    path = made.folder / file.name
    if not path.exists():
        return (f"{path} is missing",)
    if shelf.sha256_of(path) != file.sha256:
        return (CHANGED.format(path),)
    try:
        with sealing.opened(path, settings.backup_identity) as clear:
            return compare(settings, fitting, clear, made.tables)
    except sealing.NoIdentity:
        raise
    except Refused as error:
        return (str(error),)


def compare(settings: Settings, fitting: ClientPrograms, clear: Path, expected: Inventory) -> tuple[str, ...]:
    """Restore a file that is not encrypted into a scratch database; a sentence per thing that is not as expected."""
    with scratch.database(settings.require_backup_url()) as url:
        if complaint := fill(fitting, url, clear):
            return (complaint,)
        return inventory.differences(expected, inventory.of(url))
