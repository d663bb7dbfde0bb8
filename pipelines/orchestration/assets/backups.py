"""backups/nightly: the roster database dumped, with a check that it restores. backups/drill: the newest one restored.

What neither retention nor the audit log has to keep is removed after a good backup, since that has it.
"""

from collections.abc import Iterator

import dagster as dg

from pipelines import audit
from pipelines.backups import Backup, backups, prune, verify
from pipelines.backups import backup as make_backup
from pipelines.backups.pruning import retention
from pipelines.backups.sealing import NoIdentity
from pipelines.errors import Refused
from pipelines.orchestration import naming
from pipelines.orchestration.failing import plainly
from pipelines.orchestration.reporting import Metadata
from pipelines.orchestration.resources import RosterHub
from pipelines.settings import Settings

RESTORES = "restores"
_EQUAL = "Restored, every table has the rows that were dumped."

Results = Iterator[dg.MaterializeResult | dg.AssetCheckResult]


@dg.asset(
    key=naming.BACKUP,
    group_name=naming.BACKUPS,
    kinds={"postgres"},
    description="A dump of the roster database in ROSTERHUB_BACKUP_FOLDER. Not point-in-time recovery.",
    check_specs=[dg.AssetCheckSpec(RESTORES, asset=naming.BACKUP, description=_EQUAL)],
)
def nightly(context: dg.AssetExecutionContext, rosterhub: RosterHub) -> Results:
    """A dump that does not restore is kept and fails the run: somebody has to look."""
    with plainly():
        settings = rosterhub.settings()
        made = make_backup(settings, settings.backup_folder, context.log.info)
    yield dg.MaterializeResult(metadata=_metadata(made, made.seconds))
    yield _check(naming.BACKUP, made)
    _require_good(made)
    with plainly():
        _copy_and_prune(context, settings, made)
        with audit.opened(settings.require_database_url()) as connection:
            removed = audit.prune(connection, settings.audit_days)
    context.log.info(f"{removed} rows of the audit log, older than {settings.audit_days} days, were removed")


@dg.asset(
    key=naming.DRILL,
    group_name=naming.BACKUPS,
    deps=[naming.BACKUP],
    kinds={"postgres"},
    description="The newest backup, restored into scratch databases: how long it took, and what was there then.",
    check_specs=[dg.AssetCheckSpec(RESTORES, asset=naming.DRILL, description=_EQUAL)],
)
def drill(context: dg.AssetExecutionContext, rosterhub: RosterHub) -> Results:
    """A backup that cannot be opened here is not judged: the check warns, and the run is no failure."""
    with plainly():
        settings = rosterhub.settings()
        newest = _newest(settings)
        try:
            drilled = verify(settings, newest, context.log.info)
        except NoIdentity as told:
            yield from _not_judged(newest, str(told))
            return
    yield dg.MaterializeResult(metadata=_metadata(drilled, drilled.drill_seconds))
    yield _check(naming.DRILL, drilled)
    _require_good(drilled)


def _not_judged(newest: Backup, why: str) -> Results:
    yield dg.MaterializeResult(metadata=_metadata(newest) | {"state": dg.MetadataValue.text(why)})
    yield dg.AssetCheckResult(
        asset_key=naming.DRILL,
        check_name=RESTORES,
        passed=False,
        severity=dg.AssetCheckSeverity.WARN,
        description=why,
    )


def _newest(settings: Settings) -> Backup:
    """The newest one, be it good or not: an older good one would hide that the newest is none."""
    for newest in backups(settings.backup_folder):
        return newest
    raise Refused(f"there is no backup in {settings.backup_folder}: make one with `rosterhub backup create`")


def _copy_and_prune(context: dg.AssetExecutionContext, settings: Settings, made: Backup) -> None:
    rule = retention(settings)
    if settings.backup_s3:
        from pipelines.backups.copies import Copies

        copies = Copies(settings.backup_s3)
        copies.send(made)
        context.log.info(f"copied to {copies.url}; {len(copies.prune(rule))} older copies were removed")
    context.log.info(f"{len(prune(settings.backup_folder, rule))} older backups were removed")


def _check(key: dg.AssetKey, made: Backup) -> dg.AssetCheckResult:
    description = "; ".join(made.faults) or None
    return dg.AssetCheckResult(asset_key=key, check_name=RESTORES, passed=made.is_good, description=description)


def _require_good(made: Backup) -> None:
    if not made.is_good:
        raise dg.Failure(f"{made.path} is no good backup: {'; '.join(made.faults)}", allow_retries=False)


def _metadata(made: Backup, seconds: float | None = None) -> Metadata:
    rows = [dg.TableRecord({"table": name, "rows": facts.rows}) for name, facts in made.tables.items()]
    schema = dg.TableSchema(columns=[dg.TableColumn("table", "string"), dg.TableColumn("rows", "int")])
    took: Metadata = {} if seconds is None else {"seconds": dg.MetadataValue.float(seconds)}
    return took | {
        "path": dg.MetadataValue.path(made.path),
        "sha256": dg.MetadataValue.text(made.dump.sha256),
        "state": dg.MetadataValue.text(made.state),
        "bytes": dg.MetadataValue.int(made.size),
        naming.ROW_COUNT: dg.MetadataValue.int(made.rows),
        "tables": dg.MetadataValue.table(rows, schema=schema),
    }
