"""The material beside the project that some tests read: real bundles and the standard's facts. Never copied into it."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("ROSTERHUB_SHARED", Path(__file__).parents[2] / "shared"))
BUNDLES = Path(os.environ.get("ROSTERHUB_BUNDLES", SHARED / "bundles"))

needs_bundles = pytest.mark.skipif(not BUNDLES.is_dir(), reason=f"the real bundles are not at {BUNDLES}")


def bundle(name: str) -> Path:
    """One of the real bundles, or a folder of them; the test is skipped where it is not at hand."""
    return _at_hand(BUNDLES / name, "ROSTERHUB_BUNDLES")


def standard(name: str) -> Path:
    """A file of the standard's facts; the test is skipped where it is not at hand."""
    return _at_hand(SHARED / "oneroster" / name, "ROSTERHUB_SHARED")


def _at_hand(path: Path, variable: str) -> Path:
    if not path.exists():
        pytest.skip(f"{path.name} is not here: set {variable} to the folder that has it")
    return path
