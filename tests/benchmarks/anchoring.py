"""The raw anchor of reading: the Node server in `anchor/`, installed and started beside the API.

Where Node or npm is not there, or pg cannot be fetched, the anchor is left out and said so: the rest is measured.
"""

import shutil
import subprocess
from pathlib import Path

from deploy.local.services import Service, listens
from pipelines.errors import DependencyAway
from pipelines.settings import Settings
from tests.benchmarks.clients import CONNECTIONS
from tests.benchmarks.servers import ANCHOR, Servers
from tests.benchmarks.syncs import SOURCE

PROGRAM = Path(__file__).parent / "anchor"


def start(servers: Servers, settings: Settings) -> str:
    """The anchor's URL, over the database of those settings; "" if it cannot be had."""
    folder, port = servers.folder / "anchor", servers.ports.any()
    try:
        install(folder)
        servers.supervisor.start(_service(servers, settings, folder, port))
    except DependencyAway as why:
        servers.supervisor.progress.say(f"the Node anchor of reading is left out: {why}")
        return ""
    return f"http://127.0.0.1:{port}"


def install(folder: Path) -> None:
    """The program and what it needs, in a folder that is not there yet. DependencyAway if that cannot be."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise DependencyAway("node and npm are not on this machine")
    shutil.copytree(PROGRAM, folder)
    command = ["npm", "ci", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DependencyAway(f"npm could not fetch what it needs: {done.stderr.strip()[-200:]}")


def environment(database_url: str, port: int) -> dict[str, str]:
    """What the program is told: it serves one source, over as many connections as it is asked by."""
    return {
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "SOURCE": SOURCE,
        "CONNECTIONS": str(CONNECTIONS),
    }


def _service(servers: Servers, settings: Settings, folder: Path, port: int) -> Service:
    return Service(
        name=ANCHOR,
        title="Node anchor",
        command=("node", "server.mjs"),
        folder=folder,
        log=servers.folder / "logs" / f"{ANCHOR}.log",
        environment=environment(settings.require_database_url(), port),
        ready=lambda: listens(port),
    )
