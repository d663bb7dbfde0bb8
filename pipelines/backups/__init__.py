"""Backups of the roster database: dumped, and believed only once they were restored and found equal.

A dump is not point-in-time recovery. What may not enter: Dagster (orchestration), files of bundles.
"""

from pipelines.backups.backing_up import backup, verify
from pipelines.backups.shelf import Backup, backups, latest

__all__ = ["Backup", "backup", "backups", "latest", "verify"]
