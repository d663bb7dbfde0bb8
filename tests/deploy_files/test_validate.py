"""The deploy files are sound, and each fault that the validation knows is found."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import validate


@pytest.fixture
def services() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(validate.COMPOSE.read_text())["services"]
    return loaded


def test_nothing_is_wrong_with_the_deploy_files() -> None:
    assert validate.faults() == []


def test_the_services_are_those_of_the_documentation(services: dict[str, Any]) -> None:
    stack = {"postgres", "redis", "migrate", "api", "dagster-code", "dagster-webserver", "dagster-daemon"}
    assert set(services) == stack


@pytest.mark.parametrize(
    ("service", "change", "fault"),
    [
        ("redis", {"image": "valkey/valkey:latest"}, "uses valkey/valkey:latest: name a full version"),
        ("redis", {"user": "root"}, "runs as root"),
        ("redis", {"read_only": False}, "can write to its own files: read_only is missing"),
        ("redis", {"cap_drop": []}, "keeps capabilities: cap_drop is missing"),
        ("redis", {"logging": {"driver": "json-file"}}, "logs without limit"),
        ("redis", {"command": ["rosterhub", "fly"]}, "runs rosterhub fly, which is no command"),
        (
            "dagster-daemon",
            {"command": ["dagster-daemon", "run", "--workspace", "deploy/w.yaml"]},
            "reads deploy/w.yaml",
        ),
        (
            "dagster-code",
            {"command": ["dagster", "--module-name", "no_such_module"]},
            "loads the module no_such_module",
        ),
        ("api", {"environment": {"ROSTERHUB_PUBLIC_ULR": "x"}}, "sets ROSTERHUB_PUBLIC_ULR, which is no setting"),
        ("api", {"environment": {"POSTGRES_PASSWORD": "hush"}}, "has the value of POSTGRES_PASSWORD in the file"),
        ("api", {"environment": {"REDIS_URL": "redis://user:hush@redis"}}, "has a password in REDIS_URL"),
        (
            "api",
            {"build": {"context": "..", "dockerfile": "deploy/Dockerfile", "target": "app"}},
            "builds the target app",
        ),
    ],
)
def test_a_fault_of_a_service_is_found(
    services: dict[str, Any], service: str, change: dict[str, Any], fault: str
) -> None:
    (found,) = validate.service_faults({**services[service], **change})
    assert found.startswith(fault)


def test_a_service_without_healthcheck_is_found(services: dict[str, Any]) -> None:
    del services["api"]["healthcheck"]
    assert list(validate.service_faults(services["api"])) == ["has no healthcheck"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("FROM python:3 AS python", "Dockerfile, python: python:3: name a full version"),
        ("FROM runtime AS api\nUSER root", "Dockerfile, api: runs as root"),
        ("FROM runtime AS extra\nCOPY no/such/file there", "Dockerfile, extra: copies no/such/file"),
    ],
)
def test_a_fault_of_the_dockerfile_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, fault: str
) -> None:
    changed = tmp_path / "Dockerfile"
    changed.write_text(f"{validate.DOCKERFILE.read_text()}\n{line}\n")
    monkeypatch.setattr(validate, "DOCKERFILE", changed)
    assert any(found.startswith(fault) for found in validate.faults())


def test_a_file_that_breaks_the_specification_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "compose.yaml"
    broken.write_text("services: {api: {image: 'x:1.0', imagination: 1}}")
    monkeypatch.setattr(validate, "COMPOSE", broken)
    assert any("imagination" in found for found in validate.faults())
