"""What Prometheus reads at /metrics: requests by rule, their duration, how the cache does, and gauges made elsewhere.

Routes are labelled by their rule, never by path, and methods that HTTP does not know share a label, so that nobody
can make series by asking. Under gunicorn the numbers of all worker processes are added up (PROMETHEUS_MULTIPROC_DIR).
"""

import os
import time
from typing import Any

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_flask_exporter import PrometheusMetrics

PATH = "/metrics"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The series of one application, in a registry of its own."""

    def __init__(self) -> None:
        self._exporter = _Exporter.for_app_factory(registry=CollectorRegistry())
        registry = self._exporter.registry
        labels = ("method", "route")
        self._requests = Counter("http_requests_total", "Requests.", (*labels, "status"), registry=registry)
        self._seconds = Histogram(
            "http_request_duration_seconds", "Until the answer began.", labels, buckets=_BUCKETS, registry=registry
        )
        self._cache = Counter("rosterhub_cache_total", "Uses of the body cache.", ("outcome",), registry=registry)

        self._limits = Counter(
            "rosterhub_limits_total", "Rate limits that bit or could not.", ("outcome",), registry=registry
        )
        self._audit = Counter("rosterhub_audit_rows_total", "Rows of the audit log.", ("outcome",), registry=registry)

    def count_cache(self, outcome: str) -> None:
        """One use of the cache: hit, miss, stored or away."""
        self._cache.labels(outcome).inc()

    def count_limit(self, outcome: str) -> None:
        """A client above its rate (refused), an address with too many wrong credentials (guessing), or Redis away."""
        self._limits.labels(outcome).inc()

    def count_audit(self, outcome: str, rows: int) -> None:
        """Rows of the audit log: written, spooled for lack of a database, or dropped."""
        self._audit.labels(outcome).inc(rows)

    def include(self, gauges: Collector) -> None:
        """Ask this collector too whenever somebody reads /metrics."""
        self._exporter.gauges.append(gauges)

    def register(self, app: Flask) -> None:
        """Serve /metrics, and count every request but those for it."""
        self._exporter.register_endpoint(PATH, app)
        app.after_request(self._count)

    def _count(self, response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "unmatched"
        method = request.method if request.method in _METHODS else "other"
        if rule != PATH:
            self._requests.labels(method, rule, response.status_code).inc()
            self._seconds.labels(method, rule).observe(time.perf_counter() - g.began)
        return response


class _Exporter(PrometheusMetrics):
    """Shows beside the numbers of the worker processes those that no process has of its own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.gauges: list[Collector] = []

    def generate_metrics(self, accept_header: str | None = None, names: list[str] | None = None) -> tuple[str, str]:
        """What there is to read now: under gunicorn the files of all workers, and the gauges."""
        encode, content_type = choose_encoder(accept_header or "")
        everything = self._everything()
        shown = everything.restricted_registry(names) if names else everything
        return encode(shown).decode(), content_type

    def _everything(self) -> CollectorRegistry:
        registry = CollectorRegistry()
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            MultiProcessCollector(registry)
        else:
            registry.register(self.registry)
        for gauges in self.gauges:
            registry.register(gauges)
        return registry
