"""What Prometheus reads of the database: gauges made of the vitals when /metrics is asked for.

They are no worker's own numbers, so that whichever worker answers tells all of them. Without the database only
`rosterhub_database_up 0` is told, and what this process knows by itself.
"""

from collections.abc import Callable, Iterable, Iterator

import psycopg
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.registry import Collector

from api import vitals
from api.database import Database
from api.maintenance import Maintenance
from api.memory import Costly
from api.version import VERSION
from api.vitals import Backup, Drill, LastRun, RunCount, Server, SourceVitals, Vitals

_REMEMBERED_SECONDS = 5.0
_REJECTED = "rejected"
_FAILED = "failed"


class Gauges(Collector):
    """The gauges of one application. What was read is remembered for a few seconds, a failure to read too."""

    def __init__(self, database: Database, maintenance: Maintenance) -> None:
        self._database = database
        self._maintenance = maintenance
        self._memory: Costly[str, tuple[bool, Vitals | None]] = Costly(1, _REMEMBERED_SECONDS)
        self._schema = ""

    def collect(self) -> Iterator[Gauge]:
        """Every series, as prometheus_client asks for them."""
        is_up, found = self._memory.get_or("all", self._read)
        self._schema = found.server.schema if found else self._schema
        yield _one("rosterhub_database_up", "Whether the database answers.", is_up)
        yield _one("rosterhub_maintenance", "Whether requests are turned away.", self._maintenance.is_on())
        yield _many(
            "rosterhub_info",
            "The API's version, and the schema's.",
            ("version", "schema"),
            [(VERSION, self._schema, 1)],
        )
        if found:
            yield from _told(found)

    def _read(self) -> tuple[bool, Vitals | None]:
        try:
            with self._database.snapshot() as cursor:
                return True, vitals.read(cursor)
        except psycopg.OperationalError:
            return False, None
        except psycopg.errors.ProgrammingError:  # it lacks tables: /health/ready says so
            return True, None


def _told(found: Vitals) -> Iterator[Gauge]:
    yield from _of_server(found.server)
    yield from _of_sources(found.sources)
    yield from _of_runs(found.runs, found.last_runs)
    yield from _of_backups(found.backup, found.drill)


def _of_server(server: Server) -> Iterator[Gauge]:
    yield _one("rosterhub_database_connections", "Connections in use, of everybody.", server.connections)
    yield _one("rosterhub_database_connections_limit", "Connections that the server allows.", server.connections_limit)
    if server.lag_seconds is not None:
        yield _one("rosterhub_database_replay_lag_seconds", "How far the standby is behind.", server.lag_seconds)


def _of_sources(sources: tuple[SourceVitals, ...]) -> Iterator[Gauge]:
    def gauge(name: str, help: str, value: Callable[[SourceVitals], float | None]) -> Gauge:
        told = [(one.name, value(one)) for one in sources]
        return _many(name, help, ("source",), [(name, number) for name, number in told if number is not None])

    yield gauge("rosterhub_generation", "The generation served.", lambda one: one.generation)
    yield gauge(
        "rosterhub_last_publication_timestamp_seconds",
        "When the generation served came to be.",
        lambda one: one.published_at.timestamp() if one.published_at else None,
    )
    yield gauge(
        "rosterhub_last_sync_timestamp_seconds",
        "When a bundle was last published, or found to change nothing.",
        lambda one: one.fresh_at.timestamp() if one.fresh_at else None,
    )
    yield gauge(
        "rosterhub_last_publication_duration_seconds",
        "How long publishing the generation served took.",
        lambda one: sum(one.seconds.values()) if one.published_at else None,
    )
    yield gauge("rosterhub_waiting_rows", "Rows of deltas whose references have not come yet.", lambda one: one.waiting)
    yield gauge(
        "rosterhub_rejected_rows",
        "Rows rejected of the bundle judged last.",
        lambda one: _by_kind(one.last_counts).get(_REJECTED, 0),
    )
    yield gauge("rosterhub_held", "Whether a bundle is held until somebody accepts it.", lambda one: one.is_held)
    yield gauge(
        "rosterhub_needs_bulk", "Whether only a bulk bundle can bring what is missing.", lambda one: one.needs_bulk
    )
    yield _many(
        "rosterhub_last_publication_rows",
        "Rows of the publication served, by kind of change.",
        ("source", "change"),
        [(one.name, kind, rows) for one in sources for kind, rows in _by_kind(one.changes).items()],
    )


def _by_kind(counts: dict[str, dict[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for of_entity in counts.values():
        for kind, rows in of_entity.items():
            totals[kind] = totals.get(kind, 0) + rows
    return totals


def _of_runs(runs: tuple[RunCount, ...], last: tuple[LastRun, ...]) -> Iterator[Gauge]:
    yield _many(
        "rosterhub_runs",
        "Runs that Dagster keeps, by state.",
        ("dagster_job", "status"),
        [(one.job, one.status, one.runs) for one in runs],
    )
    if runs:
        told_at = max(one.told_at for one in runs).timestamp()
        yield _one("rosterhub_runs_told_timestamp_seconds", "When Dagster's daemon last told of its runs.", told_at)
    labels = ("dagster_job", "source")
    yield _many(
        "rosterhub_last_run_timestamp_seconds",
        "When the last run ended.",
        labels,
        [(one.job, one.source, one.ended_at.timestamp()) for one in last],
    )
    yield _many(
        "rosterhub_last_run_duration_seconds",
        "How long the last run took.",
        labels,
        [(one.job, one.source, one.seconds) for one in last],
    )
    yield _many(
        "rosterhub_last_run_failed",
        "Whether the last run failed.",
        labels,
        [(one.job, one.source, one.status == _FAILED) for one in last],
    )


def _of_backups(backup: Backup | None, drill: Drill | None) -> Iterator[Gauge]:
    if backup:
        made_at = backup.created_at.timestamp()
        yield _one("rosterhub_last_backup_timestamp_seconds", "When the newest good backup was made.", made_at)
        yield _one("rosterhub_last_backup_duration_seconds", "How long making it took.", backup.seconds)
        yield _one("rosterhub_last_backup_size_bytes", "How large it is.", backup.bytes)
    if drill:
        drilled_at = drill.drilled_at.timestamp()
        yield _one("rosterhub_last_drill_timestamp_seconds", "When a backup was last restored to prove it.", drilled_at)
        yield _one("rosterhub_last_drill_good", "Whether it restored, and equal.", drill.is_good)
    if drill and drill.seconds is not None:
        yield _one("rosterhub_last_drill_duration_seconds", "How long restoring it took.", drill.seconds)


def _one(name: str, help: str, value: float) -> Gauge:
    return Gauge(name, help, value=float(value))


def _many(name: str, help: str, labels: tuple[str, ...], rows: Iterable[tuple[str | float, ...]]) -> Gauge:
    """A gauge of rows: the labels' values, then the number."""
    gauge = Gauge(name, help, labels=labels)
    for *values, number in rows:
        gauge.add_metric([str(value) for value in values], float(number))
    return gauge
