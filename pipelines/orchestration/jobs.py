"""The jobs. A run is one process: its steps share a machine's files, and parallelism is between sources."""

import dagster as dg

from pipelines.orchestration import naming
from pipelines.orchestration.failing import PATIENCE
from pipelines.orchestration.import_log import tell_of_failure

_HOUR = 3600


def _ended_after(hours: int) -> dict[str, str]:
    """The tag of runs that hang: Dagster's daemon ends them, which rolls back what they had not committed."""
    return {"dagster/max_runtime": str(hours * _HOUR)}


SYNC = dg.define_asset_job(
    naming.SYNC_JOB,
    selection=dg.AssetSelection.groups(naming.LANDING, naming.STAGED, naming.QUALITY, naming.ROSTER),
    description="Takes a source's oldest bundle that was not taken yet, or the one named in the config, to the API.",
    op_retry_policy=PATIENCE,
    tags=_ended_after(hours=2),
    hooks={tell_of_failure},
    executor_def=dg.in_process_executor,
)

BACKUP = dg.define_asset_job(
    naming.BACKUP_JOB,
    selection=dg.AssetSelection.assets(naming.BACKUP),
    description="Dumps the roster database, verifies the dump by restoring it, and removes backups that need not stay.",
    op_retry_policy=PATIENCE,
    tags=_ended_after(hours=6),
    executor_def=dg.in_process_executor,
)

DRILL = dg.define_asset_job(
    naming.DRILL_JOB,
    selection=dg.AssetSelection.assets(naming.DRILL),
    description="Restores the newest backup into scratch databases and compares it with what was dumped.",
    op_retry_policy=PATIENCE,
    tags=_ended_after(hours=6),
    executor_def=dg.in_process_executor,
)
