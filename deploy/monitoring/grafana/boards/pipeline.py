"""rosterhub-pipeline: syncs, publications, backups."""

from deploy.monitoring.grafana.boards import repeated
from deploy.monitoring.grafana.panels import Dashboard, Query, lines, number

_EVERY_API = "Every process of the API tells the same, so one of them is enough."

PIPELINE = Dashboard(
    "rosterhub-pipeline",
    "RosterHub: syncs, publications and backups",
    f"How rosters come in, and whether they could be brought back. {_EVERY_API}",
    (
        number(
            "Held bundles",
            "Sources whose bundle would delete too much and waits for somebody's word; runbook 5.4.",
            "none",
            Query("sum(max by (source) (rosterhub_held))", "held"),
            alert="SyncHeld",
        ),
        number(
            "Sources that need a bulk bundle",
            "Their deltas build on one that never came: ask for a bulk; runbook 5.4.",
            "none",
            Query("sum(max by (source) (rosterhub_needs_bulk))", "sources"),
            alert="BulkNeeded",
        ),
        number(
            "Dagster last heard of",
            "Its daemon tells of runs every 30 seconds. Older: nothing starts by itself; runbook 3.4.",
            "s",
            Query("rosterhub:daemon_silence_seconds", "ago"),
            alert="DaemonSilent",
        ),
        number(
            "Last restore drill",
            "Whether the newest backup restored and was equal. Failed: as if there were none; runbook 3.2.",
            "none",
            Query("min(rosterhub_last_drill_good)", "drill"),
            alert="RestoreDrillFailed",
            words=("failed", "good"),
        ),
        lines("Age of the rosters", repeated.SYNC_AGE_SAID, "s", repeated.SYNC_AGE, alert="RosterStale"),
        lines(
            "Generation",
            "Rises by one with each publication. Level for days: nothing changed, or nothing came.",
            "none",
            Query("max by (source) (rosterhub_generation)", "{{source}}"),
        ),
        lines(
            "Rows of the publication served",
            "By kind of change. Many gone at once: was the export complete?",
            "short",
            Query("max by (source, change) (rosterhub_last_publication_rows)", "{{source}} {{change}}"),
        ),
        lines(
            "Rows rejected or waiting",
            "Rejected of the newest bundle; waiting for what they refer to; runbook 5.4.",
            "short",
            Query("max by (source) (rosterhub_rejected_rows)", "{{source}} rejected"),
            Query("max by (source) (rosterhub_waiting_rows)", "{{source}} waiting"),
        ),
        lines(
            "Runs",
            "That Dagster keeps, by state. Queued ones that stay: nothing takes them up; runbook 3.4.",
            "none",
            Query("sum by (status) (max by (dagster_job, status) (rosterhub_runs))", "{{status}}"),
        ),
        lines(
            "Duration of the last runs",
            "Growing: look at the size of the bundles, then at the database; runbook 5.4.",
            "s",
            Query("max by (dagster_job, source) (rosterhub_last_run_duration_seconds)", "{{dagster_job}} {{source}}"),
        ),
        lines(
            "Last runs that failed",
            "1: the last run of that job and source failed; `rosterhub runs list` says why.",
            "none",
            Query("max by (dagster_job, source) (rosterhub_last_run_failed)", "{{dagster_job}} {{source}}"),
            alert="SyncFailed",
        ),
        lines(
            "Duration of publications",
            "Writing the generation served; readers are not held up meanwhile.",
            "s",
            Query("max by (source) (rosterhub_last_publication_duration_seconds)", "{{source}}"),
        ),
        lines("Age of the backup", repeated.BACKUP_AGE_SAID, "s", repeated.BACKUP_AGE, alert="BackupTooOld"),
        lines(
            "Age of the restore drill",
            "Since a backup was last restored to prove it; runbook 3.2.",
            "s",
            Query("rosterhub:drill_age_seconds", "last drill"),
            alert="RestoreDrillTooOld",
        ),
        lines(
            "Size of the backup",
            "It grows slowly; a sudden fall means that something is missing.",
            "bytes",
            Query("max(rosterhub_last_backup_size_bytes)", "newest backup"),
        ),
        lines(
            "Duration of backup and drill",
            "The drill's is how long bringing the roster back would take.",
            "s",
            Query("max(rosterhub_last_backup_duration_seconds)", "backup"),
            Query("max(rosterhub_last_drill_duration_seconds)", "drill"),
        ),
    ),
)
