"""The machine and the versions that figures were taken with. Nothing that tells which machine it was."""

import os
import platform
import time
from importlib.metadata import version
from typing import Any

import psutil

PACKAGES = ("polars", "psycopg", "gunicorn", "flask", "orjson")


def facts() -> dict[str, Any]:
    """Cores, memory, versions, and how busy the machine was before anything was measured."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "load_at_start": [round(load, 2) for load in os.getloadavg()],
        "day": time.strftime("%Y-%m-%d", time.gmtime()),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    }
