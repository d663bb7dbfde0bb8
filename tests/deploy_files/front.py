"""A real nginx from the shipped template, and a client that talks TLS to it. What is behind it is the tests' matter."""

import http.client
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy.local import ports, processes
from deploy.local.services import listens
from deploy.validation import nginx, tools
from deploy.validation.tools import MissingToolError

USER, PASSWORD = "operator", "open sesame"


@dataclass(frozen=True)
class Answer:
    """What came back, the body as bytes. Header names are in lower case, those sent twice are joined."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Front:
    """nginx as clients see it."""

    folder: Path
    http_port: int
    https_port: int

    def get(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Over TLS, trusting the test's certificate and no other. Header names are written with _ for -."""
        trusted = ssl.create_default_context(cafile=str(self.folder / "tls.crt"))
        connection = http.client.HTTPSConnection("localhost", self.https_port, context=trusted, timeout=30)
        return _asked(connection, method, path, body, headers)

    def get_plainly(self, path: str) -> Answer:
        """Without TLS."""
        return _asked(http.client.HTTPConnection("localhost", self.http_port, timeout=30), "GET", path, None, {})

    @property
    def log(self) -> str:
        """The access log."""
        return (self.folder / "log").read_text()


def _asked(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> Answer:
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        told = {name.lower(): ", ".join(answer.headers.get_all(name, [])) for name in answer.headers}
        return Answer(answer.status, told, answer.read())
    finally:
        connection.close()


@contextmanager
def serving(folder: Path, **values: str) -> Iterator[Front]:
    """nginx with those values for what the template leaves open; skipped where there is no nginx."""
    front = Front(folder, ports.unused(), ports.unused())
    listening = {
        "ROSTERHUB_NGINX_HTTP_PORT": str(front.http_port),
        "ROSTERHUB_NGINX_HTTPS_PORT": str(front.https_port),
    }
    try:
        program = tools.program(nginx.PROGRAM)
    except MissingToolError as missing:
        pytest.skip(str(missing))
    folder.mkdir(exist_ok=True)
    path = nginx.prepare(folder, nginx.settings() | listening | values)
    path.write_text(path.read_text().replace("access_log /dev/stdout", f"access_log {folder}/log"))
    (folder / "dagster.htpasswd").write_text(f"{USER}:{_hashed(PASSWORD)}\n")
    process = subprocess.Popen([program, "-p", folder, "-c", path, "-g", "daemon off; master_process off;"])
    try:
        assert processes.wait_until(lambda: listens(front.https_port), 10)
        yield front
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _hashed(password: str) -> str:
    return tools.run("openssl", "passwd", "-apr1", password).stdout.strip()


@contextmanager
def mirror() -> Iterator[str]:
    """Stands for Dagster and Grafana: answers with the path and the headers that it was asked with. Its address."""

    class Mirror(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.dumps({"path": self.path, "headers": headers}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
