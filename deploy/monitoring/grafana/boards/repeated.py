"""What more than one dashboard shows, and what is said of it."""

from deploy.monitoring.grafana.panels import Query, number

REQUESTS = Query("rosterhub:http_requests:rate5m", "requests")
ERRORS = Query("rosterhub:http_errors:ratio5m", "5xx")
P95 = Query("rosterhub:http_request_duration_seconds:p95_5m", "p95")
CONNECTIONS = Query("rosterhub:database_connections:ratio", "in use")
SYNC_AGE = Query("rosterhub:sync_age_seconds", "{{source}}")
BACKUP_AGE = Query("rosterhub:backup_age_seconds", "newest backup")
DATABASE_PANEL = number(
    "Database",
    "Whether PostgreSQL answers the API. Away: all reads are 503; runbook 5.2.",
    "none",
    Query("max(rosterhub_database_up)", "database"),
    alert="DatabaseDown",
    words=("away", "up"),
)
ERROR_SHARE_SAID = "Share of answers that are 5xx, probes left out. Above the line clients suffer; runbook 5.1."
P95_SAID = "Nineteen of twenty requests are quicker than this. Runbook 5.1."
SYNC_AGE_SAID = "Since a bundle was last published or found unchanged, by source. Bundles come daily; runbook 5.4."
BACKUP_AGE_SAID = "Since the newest backup that was restored and found equal. One is made each night; runbook 3.2."
