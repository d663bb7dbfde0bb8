"""The Python processes of the stack: Dagster's code server, web server and daemon, and the API.

What each one's command line, environment and sign of readiness are. Nothing is started here.
"""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.local import secretfiles
from deploy.local.services import Service, answers_http, listens
from pipelines.dagster_api import LOCATION, DagsterApi
from pipelines.settings import Settings

TOKEN_KEY = "ROSTERHUB_TOKEN_KEY"  # noqa: S105  a variable's name

_DRAIN_SECONDS = 35  # requests under way are answered: somewhat more than gunicorn's graceful_timeout

_REPOSITORY = Path(__file__).parents[2]  # or site-packages, where the package is installed

_WORKSPACE = """\
load_from:
  - grpc_server:
      host: 127.0.0.1
      port: {port}
      location_name: {location}
"""


@dataclass(frozen=True)
class Applications:
    """The processes for resolved settings, whose URLs and ports are the ones really used."""

    settings: Settings
    code_port: int

    @property
    def api_url(self) -> str:
        """Where this machine reaches the API."""
        return f"http://{_reachable(self.settings.bind)}:{self.settings.api_port}"

    @property
    def ui_url(self) -> str:
        """Where this machine reaches Dagster's web interface."""
        return f"http://{_reachable(self.settings.bind)}:{self.settings.ui_port}"

    def environment(self) -> dict[str, str]:
        """What every child finds: the settings as resolved, and what Dagster and gunicorn are configured by."""
        run = self.settings.home / "run"
        return {
            **self.settings.environment(),
            "DAGSTER_HOME": str(self._dagster_home()),
            "ROSTERHUB_DAGSTER_STORAGE": str(self.settings.home / "dagster"),
            "PROMETHEUS_MULTIPROC_DIR": str(run / "metrics"),
            "GX_ANALYTICS_ENABLED": "false",
            "PYTHONUNBUFFERED": "1",
        }

    def code_server(self) -> Service:
        """Holds the definitions and starts the runs."""
        return self._service(
            *("code-server", "Dagster code server"),
            *("-m", "dagster", "code-server", "start", "-m", "pipelines.definitions"),
            *("-h", "127.0.0.1", "-p", str(self.code_port), "--use-python-environment-entry-point"),
            where=f"127.0.0.1:{self.code_port}",
            ready=lambda: listens(self.code_port),
        )

    def web_server(self) -> Service:
        """Dagster's web interface."""
        return self._service(
            *("web-server", "Dagster UI"),
            *("-m", "dagster_webserver", "-h", self.settings.bind, "-p", str(self.settings.ui_port)),
            *("-w", str(self._workspace()), "--suppress-warnings"),
            where=self.ui_url,
            ready=DagsterApi(self.ui_url).has_loaded,
        )

    def daemon(self) -> Service:
        """Looks after queue, schedules and sensors."""
        return self._service(
            *("daemon", "Dagster daemon"),
            *("-m", "dagster._daemon", "run", "-w", str(self._workspace())),
            ready=DagsterApi(self.ui_url).daemons_are_healthy,
        )

    def api(self) -> Service:
        """The OneRoster API. It alone knows what signs its tokens; a key of one's own may be in the environment."""
        key = os.environ.get(TOKEN_KEY) or secretfiles.password(self.settings.home / "token.key")
        service = self._service(
            *("api", "API"),
            *("-m", "gunicorn", "-c", str(_REPOSITORY / "deploy" / "gunicorn.conf.py"), "api.app:create_app()"),
            where=self.api_url,
            ready=lambda: answers_http(f"{self.api_url}/health/live"),
        )
        environment = {**service.environment, TOKEN_KEY: key}
        return replace(service, environment=environment, stop_seconds=_DRAIN_SECONDS)

    def _service(self, name: str, title: str, *arguments: str, where: str = "", ready: Callable[[], bool]) -> Service:
        return Service(
            name=name,
            title=title,
            command=(sys.executable, *arguments),
            log=self.settings.home / "logs" / f"{name}.log",
            environment=self.environment(),
            where=where,
            ready=ready,
        )

    def _workspace(self) -> Path:
        path = self.settings.home / "run" / "workspace.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_WORKSPACE.format(port=self.code_port, location=LOCATION))
        return path

    def _dagster_home(self) -> Path:
        """The repository's, or a copy of the installed package's, whose folder may be read-only."""
        shipped = _REPOSITORY / "dagster_home"
        if (_REPOSITORY / "pyproject.toml").exists():
            return shipped
        copy = self.settings.home / "dagster_home"
        copy.mkdir(parents=True, exist_ok=True)
        shutil.copy(shipped / "dagster.yaml", copy)
        return copy


def _reachable(bind: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(bind, bind)  # noqa: S104 - compared, not bound
