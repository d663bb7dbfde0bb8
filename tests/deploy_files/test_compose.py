"""compose.yaml is sound, and each fault that its validation knows is found."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.validation import compose

Services = dict[str, Any]

STACK = {"nginx", "postgres", "redis", "migrate", "api", "dagster-code", "dagster-webserver", "dagster-daemon"}
MONITORING = {"prometheus", "alertmanager", "grafana", "postgres-exporter", "redis-exporter"}


@pytest.fixture
def services() -> Services:
    loaded: Services = yaml.safe_load(compose.COMPOSE.read_text())["services"]
    return loaded


@pytest.mark.usefixtures("validators")
def test_nothing_is_wrong() -> None:
    assert list(compose.faults()) == []


def test_the_services_are_those_of_the_runbook(services: Services) -> None:
    assert set(services) == STACK | MONITORING


def test_the_ports_are_those_of_the_runbook_and_only_nginx_is_for_the_world(services: Services) -> None:
    published = {str(port) for service in services.values() for port in service.get("ports", [])}
    local = {"127.0.0.1:3000:3000", "127.0.0.1:3001:3001", "127.0.0.1:5432:5432", "127.0.0.1:6379:6379"}
    assert published == local | {"80:8080", "443:8443"}


@pytest.mark.parametrize(
    ("service", "change", "fault"),
    [
        ("redis", {"image": "valkey/valkey:latest"}, "uses valkey/valkey:latest: name a full version"),
        ("redis", {"user": "root"}, "runs as root"),
        ("redis", {"read_only": False}, "can write to its own files: read_only is missing"),
        ("redis", {"cap_drop": []}, "keeps capabilities: cap_drop is missing"),
        ("redis", {"logging": {"driver": "json-file"}}, "logs without limit"),
        ("redis", {"command": ["rosterhub", "fly"]}, "runs rosterhub fly, which is no command"),
        ("redis", {"volumes": ["./no/such/folder:/there"]}, "mounts ./no/such/folder, which does not exist"),
        ("dagster-daemon", {"command": ["x", "--workspace", "deploy/w.yaml"]}, "reads deploy/w.yaml"),
        ("dagster-code", {"command": ["x", "--module-name", "no_such_module"]}, "loads the module no_such_module"),
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
def test_a_fault_of_a_service_is_found(services: Services, service: str, change: dict[str, Any], fault: str) -> None:
    (found,) = compose.service_faults({**services[service], **change})
    assert found.startswith(fault)


def test_a_service_without_healthcheck_is_found(services: Services) -> None:
    del services["api"]["healthcheck"]
    assert list(compose.service_faults(services["api"])) == ["has no healthcheck"]


@pytest.mark.usefixtures("validators")
@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("stop_grace_period: 1m", "stop_grace_priod: 1m", "stop_grace_priod"),
        ("migrate: {condition", "migration: {condition", "migration"),
        ("ipv4_address: 172.30.0.10}", "ipv4_address: 172.30.0.99}", "ROSTERHUB_TRUSTED_PROXIES is without"),
        ("secrets/token-key", "secrets/token", "secrets.sh does not make the secret token-key"),
        ('--port, "4000"]', '--port, "4001"]', "no service dagster-code listens on 4000"),
    ],
)
def test_a_fault_of_the_file_is_found(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = compose.COMPOSE.read_text()
    assert old in text
    changed = tmp_path / "compose.yaml"
    changed.write_text(text.replace(old, new).replace("env_file: nginx/", f"env_file: {compose.DEPLOY}/nginx/"))
    assert any(fault in found for found in compose.faults(changed))
