"""An operator at a terminal, with a hub of their own on this machine."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.local import ports

_PORTS = ("ROSTERHUB_API_PORT", "ROSTERHUB_UI_PORT", "ROSTERHUB_PG_PORT", "ROSTERHUB_REDIS_PORT")
_ELSEWHERE = (
    "DATABASE_URL",
    "REDIS_URL",
    "DAGSTER_PG_URL",
    "ROSTERHUB_API_DATABASE_URL",
    "ROSTERHUB_BACKUP_DATABASE_URL",
)


class Operator:
    """Types commands for a home and ports of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        own = {name: str(ports.unused()) for name in _PORTS} | {"ROSTERHUB_HOME": str(home)}
        self.environment = {**{k: v for k, v in os.environ.items() if k not in _ELSEWHERE}, **own}

    def types(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipelines.cli", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
