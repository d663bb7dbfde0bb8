"""Backups of the roster database: dumped, and believed only once they were restored and found equal.

A dump is not point-in-time recovery. What may not enter: Dagster (orchestration), files of bundles.
"""

from pipelines.backups.backing_up import backup
from pipelines.backups.pruning import prune
from pipelines.backups.restoring import restore
from pipelines.backups.shelf import Backup, backups, latest
from pipelines.backups.verifying import verify

__all__ = ["Backup", "backup", "backups", "latest", "prune", "restore", "verify"]
