"""The directions of the house: who may import whom, and what starting a part may load."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("dagster", "polars", "pandas", "great_expectations")


def test_import_contracts_hold() -> None:
    """The contracts are in pyproject.toml under tool.importlinter."""
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("api.app", HEAVY),
        ("pipelines.oneroster.registry", HEAVY),
        ("pipelines.cli", HEAVY),
        ("pipelines.checking", ("dagster", "great_expectations", "pandas")),
        ("pipelines.syncing", ("dagster", "great_expectations", "pandas")),
        ("pipelines.definitions", ("great_expectations", "pandas")),
    ],
)
def test_importing_a_part_does_not_load_what_it_does_not_need(module: str, unwanted: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([name for name in {unwanted!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr
