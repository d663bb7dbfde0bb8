"""Facts and real bundles that lie beside the project and are no part of it; their tests are skipped without them."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[2] / "shared"


def standard(name: str) -> Path:
    """A file of facts about the standard."""
    return _required(Path(os.environ.get("ROSTERHUB_SHARED", _BESIDE)) / "oneroster" / name, "ROSTERHUB_SHARED")


def bundle(name: str) -> Path:
    """A real bundle, or a folder of them."""
    given = os.environ.get("ROSTERHUB_BUNDLES")
    beside = Path(os.environ.get("ROSTERHUB_SHARED", _BESIDE)) / "bundles"
    return _required((Path(given) if given else beside) / name, "ROSTERHUB_BUNDLES")


def _required(path: Path, variable: str) -> Path:
    if not path.exists():
        pytest.skip(f"{path.name} is not here: set {variable} to the folder that has it")
    return path
