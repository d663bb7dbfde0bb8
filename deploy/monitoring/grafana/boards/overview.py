"""oneroster-overview: is anything wrong, and where to look next."""

from deploy.monitoring.grafana.boards import repeated
from deploy.monitoring.grafana.panels import Dashboard, Query, lines, number

OVERVIEW = Dashboard(
    "oneroster-overview",
    "RosterHub: overview",
    "Is anything wrong, and where to look next. Green is well, orange is for tomorrow, red is for now.",
    (
        number(
            "Alerts now",
            "Alerts that are firing; each names its section of the runbook. 0 is well.",
            "none",
            Query('count(ALERTS{alertstate="firing", severity!="info"}) or vector(0)', "alerts"),
        ),
        number(
            "API processes that answer",
            "Instances that Prometheus reads. 0: clients get nothing; runbook 5.1.",
            "none",
            Query('sum(up{job="rosterhub-api"})', "instances"),
        ),
        repeated.DATABASE_PANEL,
        number(
            "Maintenance",
            "While it is on, requests are turned away on purpose; runbook 8.1.",
            "none",
            Query("max(rosterhub_maintenance)", "maintenance"),
            alert="UnderMaintenance",
            words=("off", "on"),
        ),
        lines(
            "Requests",
            "Requests a second, probes left out. Nights are quiet.",
            "reqps",
            repeated.REQUESTS,
        ),
        lines("Errors", repeated.ERROR_SHARE_SAID, "percentunit", repeated.ERRORS, alert="HighErrorRate"),
        lines("Response time", repeated.P95_SAID, "s", repeated.P95, alert="SlowResponseTime"),
        lines("Age of the rosters", repeated.SYNC_AGE_SAID, "s", repeated.SYNC_AGE, alert="RosterStale"),
        number("Backup", repeated.BACKUP_AGE_SAID, "s", repeated.BACKUP_AGE, alert="BackupTooOld"),
        number(
            "Connections",
            "Share of the database's connections in use; runbook 5.2.",
            "percentunit",
            repeated.CONNECTIONS,
            alert="DatabaseConnections",
        ),
        number(
            "Runs that failed last",
            "Jobs whose last run failed, of all sources; runbook 5.4.",
            "none",
            Query("sum(max by (dagster_job, source) (rosterhub_last_run_failed))", "failed"),
        ),
        number(
            "Version",
            "The API's version; two at once while an upgrade is rolled out.",
            "none",
            Query("count by (version, schema) (rosterhub_info)", "{{version}}, schema {{schema}}"),
        ),
    ),
)
