"""backups/nightly: the roster database dumped, and a check that the dump can be restored.

What the audit log no longer has to keep is removed after that, since the backup has it.
"""

from collections.abc import Iterator

import dagster as dg

from pipelines import audit
from pipelines.backups import Backup
from pipelines.backups import backup as make_backup
from pipelines.backups.backing_up import FOLDER
from pipelines.orchestration import naming
from pipelines.orchestration.failing import plainly
from pipelines.orchestration.reporting import Metadata
from pipelines.orchestration.resources import RosterHub

RESTORES = "restores"


@dg.asset(
    key=naming.BACKUP,
    group_name=naming.BACKUPS,
    kinds={"postgres"},
    description="A dump of the roster database in ROSTERHUB_HOME/backups. Not point-in-time recovery.",
    check_specs=[
        dg.AssetCheckSpec(
            RESTORES, asset=naming.BACKUP, description="Restored, every table has the rows that were dumped."
        )
    ],
)
def nightly(
    context: dg.AssetExecutionContext, rosterhub: RosterHub
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """A dump that does not restore is kept and fails the run: somebody has to look."""
    with plainly():
        settings = rosterhub.settings()
        made = make_backup(settings, settings.home / FOLDER)
    faults = made.faults or ()
    yield dg.MaterializeResult(metadata=_metadata(made))
    yield dg.AssetCheckResult(
        asset_key=naming.BACKUP, check_name=RESTORES, passed=made.is_good, description="; ".join(faults) or None
    )
    if not made.is_good:
        raise dg.Failure(f"{made.path} is no good backup: {'; '.join(faults)}", allow_retries=False)
    with plainly(), audit.opened(settings.require_database_url()) as connection:
        removed = audit.prune(connection, settings.audit_days)
    context.log.info(f"{removed} rows of the audit log, older than {settings.audit_days} days, were removed")


def _metadata(made: Backup) -> Metadata:
    rows = [dg.TableRecord({"table": name, "rows": facts.rows}) for name, facts in made.tables.items()]
    schema = dg.TableSchema(columns=[dg.TableColumn("table", "string"), dg.TableColumn("rows", "int")])
    return {
        "path": dg.MetadataValue.path(made.path),
        "sha256": dg.MetadataValue.text(made.sha256),
        "bytes": dg.MetadataValue.int(made.size),
        naming.ROW_COUNT: dg.MetadataValue.int(made.rows),
        "tables": dg.MetadataValue.table(rows, schema=schema),
    }
