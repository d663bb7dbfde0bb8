"""The Dockerfile is sound, and each fault that its validation knows is found."""

from pathlib import Path

import pytest

from deploy.validation import dockerfile

pytestmark = pytest.mark.usefixtures("validators")


def test_nothing_is_wrong() -> None:
    assert list(dockerfile.faults()) == []


def test_a_build_without_a_target_is_the_api() -> None:
    assert list(dockerfile.stages())[-1] == "api"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("FROM python:3 AS python", "Dockerfile, python: python:3: name a full version"),
        ("FROM runtime AS api\nUSER root", "Dockerfile, api: runs as root"),
        ("FROM runtime AS extra\nCOPY no/such/file there", "Dockerfile, extra: copies no/such/file"),
        ("RUN cd /tmp && sudo ls", "hadolint: "),
    ],
)
def test_a_fault_is_found(tmp_path: Path, line: str, fault: str) -> None:
    changed = tmp_path / "Dockerfile"
    changed.write_text(f"{dockerfile.DOCKERFILE.read_text()}\n{line}\n")
    assert any(found.startswith(fault) for found in dockerfile.faults(changed))
