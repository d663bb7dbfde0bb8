"""oneroster-api: how quickly clients are answered."""

from deploy.monitoring.grafana.boards import repeated
from deploy.monitoring.grafana.panels import Dashboard, Query, lines

_CONTAINERS = "Needs cAdvisor."

API = Dashboard(
    "oneroster-api",
    "RosterHub: performance of the API",
    "How quickly clients are answered, and which of them or which route is the cause if they are not.",
    (
        lines(
            "Response time",
            repeated.P95_SAID,
            "s",
            repeated.P95,
            Query(
                "histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket"
                '{route!~"/health.*"}[$__rate_interval])))',
                "median",
            ),
            alert="SlowResponseTime",
        ),
        lines(
            "Slowest routes",
            "p95 of the ten slowest routes. One alone: look at its queries. All: at the database.",
            "s",
            Query(
                "topk(10, histogram_quantile(0.95, sum by (le, route) "
                "(rate(http_request_duration_seconds_bucket[$__rate_interval]))))",
                "{{route}}",
            ),
        ),
        lines(
            "Answers by status",
            "4xx are the clients' mistakes, 5xx ours, 429 means a client asks too often.",
            "reqps",
            Query("sum by (status) (rate(http_requests_total[$__rate_interval]))", "{{status}}"),
        ),
        lines(
            "Busiest routes",
            "The ten routes that are asked for most.",
            "reqps",
            Query("topk(10, sum by (route) (rate(http_requests_total[$__rate_interval])))", "{{route}}"),
        ),
        lines("Errors", repeated.ERROR_SHARE_SAID, "percentunit", repeated.ERRORS, alert="HighErrorRate"),
        lines(
            "Refused",
            "Share of answers that are 401 or 403: an expired key, or a client set up wrongly; runbook 5.5.",
            "percentunit",
            Query("rosterhub:http_refused:ratio5m", "401 and 403"),
            alert="ClientsRefused",
        ),
        lines(
            "Cache",
            "Uses of the body cache. Only misses: just cleared or published. Away: Redis is, nothing is wrong "
            "but speed.",
            "ops",
            Query("sum by (outcome) (rate(rosterhub_cache_total[$__rate_interval]))", "{{outcome}}"),
        ),
        lines(
            "Rate limits",
            "Requests above a client's rate (refused), or from addresses that guess credentials; runbook 6.1.",
            "ops",
            Query("sum by (outcome) (rate(rosterhub_limits_total[$__rate_interval])) or vector(0)", "{{outcome}}"),
        ),
        lines(
            "Audit log",
            "Rows written; spooled while the database is away; dropped are lost for ever.",
            "ops",
            Query("sum by (outcome) (rate(rosterhub_audit_rows_total[$__rate_interval]))", "{{outcome}}"),
        ),
        lines(
            "Requests by process",
            "Whether the load is spread evenly.",
            "reqps",
            Query("sum by (instance) (rate(http_requests_total[$__rate_interval]))", "{{instance}}"),
        ),
        lines(
            "Processors of containers",
            f"Share of what they may use; runbook 7.1. {_CONTAINERS}",
            "percentunit",
            Query("rosterhub:container_cpu:ratio5m", "{{name}}"),
            alert="ContainerHighCpu",
        ),
        lines(
            "Memory of containers",
            f"Share of what they may use; at 100 % they are killed; runbook 5.3. {_CONTAINERS}",
            "percentunit",
            Query("rosterhub:container_memory:ratio", "{{name}}"),
            alert="ContainerHighMemory",
        ),
    ),
)
