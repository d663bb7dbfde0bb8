"""The jobs. A run is one process: its steps share a machine's files, and parallelism is between sources."""

import dagster as dg

from pipelines.orchestration import naming

SYNC = dg.define_asset_job(
    naming.SYNC_JOB,
    selection=dg.AssetSelection.groups(naming.LANDING, naming.STAGED, naming.QUALITY, naming.ROSTER),
    description="Takes a source's oldest bundle that was not taken yet, or the one named in the config, to the API.",
    executor_def=dg.in_process_executor,
)

BACKUP = dg.define_asset_job(
    naming.BACKUP_JOB,
    selection=dg.AssetSelection.assets(naming.BACKUP),
    description="Dumps the roster database and verifies the dump by restoring it.",
    executor_def=dg.in_process_executor,
)
