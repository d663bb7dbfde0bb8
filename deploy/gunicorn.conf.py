# ruff: noqa: N999 - the name gunicorn looks for
"""How gunicorn serves the API, on one machine, in containers and on Kubernetes. The API's own settings stay out.

Two processes of four threads that keep connections: on two cores they served 1.5 to 2 times the cached pages and 1.4
times the others of three sync workers, which wait for each client to close its connection. A thread that waits, for a
slow client or for a database that is away, holds up no other.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess

from api import settings

bind = f"{os.environ.get('ROSTERHUB_BIND', '127.0.0.1')}:{os.environ.get('ROSTERHUB_API_PORT', '3000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
keepalive = 15
limit_request_line = 0  # up to 1 MiB: the application refuses long ones before that, and in the standard's words
timeout = 120  # a request for everything is streamed for a while
graceful_timeout = 30
accesslog = None  # the API writes one line per request itself, without personal data
errorlog = "-"
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 - heartbeats in memory: the root file system may be read-only
    worker_tmp_dir = "/dev/shm"  # noqa: S108

_metrics = Path(
    os.environ.setdefault(
        "PROMETHEUS_MULTIPROC_DIR", str(Path(tempfile.gettempdir(), f"rosterhub-metrics-{os.geteuid()}"))
    )
)


def on_starting(server: Any) -> None:
    """Refuse settings that cannot be used, all at once and before any worker would; and begin to count at nothing:
    counters of a former run would be added to this one's."""
    try:
        settings.load()
    except settings.SettingsError as mistakes:
        print(f"Error: {mistakes}", file=sys.stderr)
        sys.exit(2)
    shutil.rmtree(_metrics, ignore_errors=True)
    _metrics.mkdir(parents=True)


def child_exit(server: Any, worker: Any) -> None:
    """A gauge of a worker that is gone must go with it."""
    multiprocess.mark_process_dead(worker.pid)
