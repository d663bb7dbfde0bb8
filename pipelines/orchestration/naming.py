"""Every name that Dagster shows, made in one place: asset keys [stage, table], groups, the partition, jobs, tags.

A stage's word is its folder in pipelines, its asset group and its key prefix.
"""

import dagster as dg

from pipelines import dagster_api
from pipelines.oneroster.entity import Entity

LANDING, STAGED, QUALITY, ROSTER, BACKUPS = "landing", "staged", "quality", "roster", "backups"

BUNDLE = dg.AssetKey([LANDING, "bundle"])
GATE = dg.AssetKey([QUALITY, "gate"])
BACKUP = dg.AssetKey([BACKUPS, "nightly"])
DRILL = dg.AssetKey([BACKUPS, "drill"])

SYNC_JOB, BACKUP_JOB, DRILL_JOB = dagster_api.SYNC_JOB, "backup", "restore_drill"
NIGHTLY_SYNC, NIGHTLY_BACKUP, NIGHTLY_DRILL = "nightly_sync", "nightly_backup", "nightly_drill"
BUNDLE_ARRIVAL, RUN_STATES = "bundle_arrival", "run_states"

# A source is a partition: its history, its plots and its one run at a time are its own.
SOURCES = dg.DynamicPartitionsDefinition(name=dagster_api.PARTITIONS)
PARTITION_TAG = dagster_api.PARTITION_TAG
ARRIVAL_TAG = "rosterhub/arrival"

ACCEPTED, REJECTED, WARNINGS = "accepted", "rejected", "warnings"
ROW_COUNT = "dagster/row_count"
COLUMN_SCHEMA = "dagster/column_schema"


def staged(entity: Entity) -> dg.AssetKey:
    """The key of an entity's file after staging."""
    return dg.AssetKey([STAGED, entity.table])


def roster(entity: Entity) -> dg.AssetKey:
    """The key of an entity's table."""
    return dg.AssetKey([ROSTER, entity.table])


def op_name(key: dg.AssetKey) -> str:
    """The name under which run config addresses an asset: Dagster's own rule for keys."""
    return "__".join(key.path)
