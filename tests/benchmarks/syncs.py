"""One `rosterhub sync` in a process of its own: how long it took as a whole and by stage, and how much memory.

The command is the product's own, so interpreter start, imports and reading the bundle are all inside the clock.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from pipelines.errors import Refused
from pipelines.settings import Settings

SOURCE = "bench"
_EVERY_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Sync:
    """How a sync went. `cpu_seconds` is the Python process's share; PostgreSQL's own is not in it."""

    outcome: str
    seconds: float
    cpu_seconds: float
    peak_mib: float
    stages: dict[str, float]

    def beside(self) -> dict[str, float]:
        """What is worth telling beside the total."""
        stages = {f"{name} s": seconds for name, seconds in self.stages.items()}
        return {"Python CPU s": self.cpu_seconds, "peak MiB": self.peak_mib, **stages}


def sync(settings: Settings, bundle: Path, expected: str, source: str = SOURCE) -> Sync:
    """Sync a bundle. Raises Refused where it ends otherwise than expected: that figure would mean nothing."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "pipelines.cli", "sync", source, "--bundle", str(bundle), "--json"]
    with subprocess.Popen(
        command, env=os.environ | settings.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        cpu_seconds, peak = _watch(process)
        seconds = time.perf_counter() - began
        out, error = process.communicate()
    told: dict[str, Any] = json.loads(out) if out else {"outcome": f"failed: {error.strip()}"}
    if told["outcome"] != expected:
        why = " ".join(told.get("reasons", ()))
        raise Refused(f"the sync of {bundle.name} should have ended {expected}, and ended {told['outcome']}: {why}")
    return Sync(told["outcome"], seconds, cpu_seconds, peak / 2**20, told["seconds"])


def _watch(process: subprocess.Popen[str]) -> tuple[float, int]:
    """CPU seconds and the largest resident size in bytes, looked at until the process ends."""
    cpu, peak = 0.0, 0
    child = psutil.Process(process.pid)
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):  # it may end while it is being looked at
            times = child.cpu_times()
            cpu, peak = times.user + times.system, max(peak, child.memory_info().rss)
        time.sleep(_EVERY_SECONDS)
    return cpu, peak
