"""The runbook's commands, typed one after the other at a hub that runs on this machine."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dotenv import dotenv_values

from deploy.local import binaries
from tests.docs.runbook.blocks import commands
from tests.operating import Operator

# What some of them have to say; of the others it is enough that they end well.
SAY = {
    "rosterhub backup create": r"verified",
    "rosterhub backup list": r"\.sql\.gz",
    "curl --silent --show-error http://localhost:3000/health": r'"status":"ok"',
    "rosterhub maintenance status": r"on.*new disks",
    "rosterhub backup restore": r"equal to what was dumped",
    "rosterhub verify": r"north",
    'psql "$DATABASE_URL" --command "SELECT count(*) FROM users"': r"\b[1-9]\d+\n",
    'psql "$DATABASE_URL" --command "SELECT source, outcome': r"published",
    "rosterhub audit export": r"^$",
}
ADDRESS = "http://localhost:3000"
ELSEWHERE = ("redis-cli", "free", "curl")  # programs that a machine may lack


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """Up, with a source that is published; its terminal has what the runbook asks for."""
    folder = tmp_path_factory.mktemp("runbook")
    operator = Operator(folder / "home")
    try:
        for typed in (
            ("up", "--detach"),
            ("sample", "--students", "40", str(folder / "north.zip")),
            ("sync", "north", "--bundle", str(folder / "north.zip")),
        ):
            done = operator.types(*typed)
            assert done.returncode == 0, done.stderr
        known = dotenv_values(operator.home / "run" / "stack.env")
        operator.environment |= {name: value for name, value in known.items() if value is not None}
        operator.environment["ROSTERHUB_BACKUP_FOLDER"] = str(operator.home / "backups")
        programs = (Path(sys.executable).parent, binaries.postgres().folder)
        operator.environment["PATH"] = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
        yield operator
    finally:
        operator.types("down")


@pytest.mark.parametrize("command", commands("run"))
def test_it_does_what_it_says(hub: Operator, command: str, tmp_path: Path) -> None:
    program = command.split(maxsplit=1)[0]
    if program in ELSEWHERE and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed on this machine")
    typed = command.replace(ADDRESS, f"http://127.0.0.1:{hub.environment['ROSTERHUB_API_PORT']}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", typed],
        env=hub.environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    for beginning, said in SAY.items():
        if command.startswith(beginning):
            assert re.search(said, done.stdout), done.stdout


def test_what_commands_have_to_say_is_of_commands() -> None:
    for beginning in SAY:
        assert any(command.startswith(beginning) for command in commands("run")), beginning
