"""oneroster-db: PostgreSQL, Redis, and the machine below them."""

from deploy.monitoring.grafana.boards import repeated
from deploy.monitoring.grafana.panels import Dashboard, Query, lines, number

_MACHINES = "Needs node_exporter."

DATABASE = Dashboard(
    "oneroster-db",
    "RosterHub: database",
    "PostgreSQL, Redis and the machine below them.",
    (
        repeated.DATABASE_PANEL,
        number(
            "Connections",
            "Share of the connections in use; at 100 % the next one is refused; runbook 5.2.",
            "percentunit",
            repeated.CONNECTIONS,
            alert="DatabaseConnections",
        ),
        number(
            "Standby behind",
            "How old the data are that a standby answers with. 0 where the API reads from the primary; runbook 6.3.",
            "s",
            Query("max(rosterhub_database_replay_lag_seconds) or vector(0)", "lag"),
            alert="ReplicaLag",
        ),
        number(
            "Longest transaction",
            "A long one is a publication, or holds others up; `rosterhub db activity` tells. Needs postgres_exporter.",
            "s",
            Query("max(pg_stat_activity_max_tx_duration)", "longest"),
        ),
        lines(
            "Connections",
            "Of everybody, and what the server allows.",
            "none",
            Query("max(rosterhub_database_connections)", "in use"),
            Query("min(rosterhub_database_connections_limit)", "allowed"),
        ),
        lines(
            "Transactions",
            "Committed and rolled back a second. Many rolled back: look at the log. Needs postgres_exporter.",
            "ops",
            Query("sum(rate(pg_stat_database_xact_commit[$__rate_interval]))", "committed"),
            Query("sum(rate(pg_stat_database_xact_rollback[$__rate_interval]))", "rolled back"),
        ),
        lines(
            "Found in memory",
            "Share of pages that needed no disk. Below 99 %: more shared_buffers. Needs postgres_exporter.",
            "percentunit",
            Query(
                "sum(rate(pg_stat_database_blks_hit[$__rate_interval])) / "
                "sum(rate(pg_stat_database_blks_hit[$__rate_interval]) + "
                "rate(pg_stat_database_blks_read[$__rate_interval]))",
                "in memory",
            ),
        ),
        lines(
            "Size",
            "Of each database. Needs postgres_exporter.",
            "bytes",
            Query("max by (datname) (pg_database_size_bytes)", "{{datname}}"),
        ),
        lines(
            "Memory of Redis",
            "Used, and the most it takes before it forgets what was asked for least. Needs redis_exporter.",
            "bytes",
            Query("max(redis_memory_used_bytes)", "used"),
            Query("max(redis_memory_max_bytes)", "allowed"),
        ),
        lines(
            "Disks",
            f"Share that is free; a full one stops publications and backups; runbook 3.1. {_MACHINES}",
            "percentunit",
            Query("rosterhub:disk_free:ratio", "{{instance}} {{mountpoint}}"),
            alert="DiskAlmostFull",
        ),
        lines(
            "Processors",
            f"Share in use; runbook 7.1. {_MACHINES}",
            "percentunit",
            Query("rosterhub:machine_cpu:ratio5m", "{{instance}}"),
            alert="HighCpu",
        ),
        lines(
            "Memory",
            f"Share in use; runbook 5.3. {_MACHINES}",
            "percentunit",
            Query("rosterhub:machine_memory:ratio", "{{instance}}"),
            alert="HighMemory",
        ),
    ),
)
