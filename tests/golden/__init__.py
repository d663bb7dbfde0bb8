"""Derived things as text, so that a change of a declaration is reviewed as a diff. Renew with UPDATE_GOLDEN=1."""

import os
from pathlib import Path


def assert_golden(name: str, text: str) -> None:
    """Compare with the committed file of that name, or write it where UPDATE_GOLDEN is set."""
    path = Path(__file__).parent / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text)
    assert path.exists(), f"{name} is new: run the tests once with UPDATE_GOLDEN=1 and commit it"
    assert text == path.read_text(), f"{name} changed: if that is meant, run the tests with UPDATE_GOLDEN=1"
