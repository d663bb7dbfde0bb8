"""Servers that a story may kill: a PostgreSQL on data of its own, and the API in a real gunicorn."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from deploy.local import binaries, ports, postgres, processes
from deploy.local.postgres import Postgres
from deploy.local.services import Service, answers_http

REPOSITORY = Path(__file__).parents[2]


def own_postgres(folder: Path, programs: binaries.PostgresPrograms | None = None) -> Postgres:
    """A server's data in that folder, not started yet."""
    return postgres.prepare(folder / "postgres", ports.unused(), programs or binaries.postgres())


def own_service(server: Postgres) -> Service:
    """The process of such a server."""
    return server.service(server.folder / "log")


def gunicorn(folder: Path, variables: Mapping[str, str], workers: int = 2, code: Path = REPOSITORY) -> Service:
    """The API's processes, as they are served on one machine. `code` is the folder that they run in."""
    port = ports.unused()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "ROSTERHUB_API_PORT": str(port),
        "ROSTERHUB_PUBLIC_URL": url,
        "WEB_CONCURRENCY": str(workers),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
    }
    return Service(
        name="api",
        title="the API",
        command=(sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "api.app:create_app()"),
        log=folder / "api.log",
        environment={**environment, **variables},
        where=url,
        ready=lambda: answers_http(f"{url}/health/live"),
        folder=code,
    )


@contextmanager
def running(service: Service) -> Iterator[psutil.Process]:
    """The service while the block lasts, whether or not the block kills it."""
    service.prepare()
    with service.log.open("ab") as log:
        process = subprocess.Popen(
            service.command,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, **service.environment},
            cwd=service.folder,
        )
    try:
        assert processes.wait_until(service.ready, 30), service.log.read_text()
        yield psutil.Process(process.pid)
    finally:
        if process.poll() is None:
            processes.end(psutil.Process(process.pid), service.stop_signal, 10)
        process.wait()


def kill(process: psutil.Process) -> None:
    """As a crash or the kernel's memory killer would: without a word."""
    process.send_signal(signal.SIGKILL)
    assert processes.wait_until(lambda: processes.has_ended(process), 10)
