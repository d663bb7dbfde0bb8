"""deploy/compose.yaml: the word of Compose and of its specification, and what it builds, runs, sets and mounts."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from deploy.validation import tools
from deploy.validation.dockerfile import stages
from deploy.validation.naming import OURS, PROJECT, command_faults, is_pinned, variable_faults

DEPLOY = PROJECT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
WORKSPACE = DEPLOY / "workspace.yaml"
SECRETS_SCRIPT = DEPLOY / "secrets.sh"

# Services that end when their work is done: nothing of them stays healthy.
ONE_SHOT = {"migrate"}
# Folders that are the operator's, made by secrets.sh or by hand.
_OPERATORS = ("./secrets/", "${")
Service = dict[str, Any]


def faults(path: Path = COMPOSE) -> Iterator[str]:
    """What is wrong with it."""
    yield from _specification(path)
    loaded = yaml.safe_load(path.read_text())
    services: dict[str, Service] = loaded["services"]
    for name, service in services.items():
        yield from (f"compose.yaml, {name}: {fault}" for fault in service_faults(service, name in ONE_SHOT))
    yield from _workspace(services)
    yield from _addresses(services)
    yield from _secrets(loaded.get("secrets", {}))


def _specification(path: Path) -> Iterator[str]:
    """Compose itself, and the specification as check-jsonschema brings it along."""
    configured = tools.run("docker-compose", "--file", path, "config", "--quiet")
    if configured.returncode != 0 or configured.stderr.strip():
        yield f"compose.yaml: {tools.complaint(configured)}"
    schema = ("-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec")
    checked = tools.run(sys.executable, *schema, path)
    if checked.returncode != 0:
        yield f"compose.yaml: {checked.stdout.strip() or checked.stderr.strip()}"


def service_faults(service: Service, one_shot: bool = False) -> Iterator[str]:
    """What is wrong with one service."""
    yield from _image(service)
    yield from _hardening(service)
    yield from variable_faults(service.get("environment", {}))
    yield from command_faults([str(word) for word in service.get("command", [])])
    yield from _mounts(service)
    if not one_shot and "healthcheck" not in service:
        yield "has no healthcheck"


def _image(service: Service) -> Iterator[str]:
    if "build" in service:
        build = service["build"]
        if not (COMPOSE.parent / build["context"] / build["dockerfile"]).is_file():
            yield f"builds {build['dockerfile']}, which does not exist"
        if build["target"] not in stages():
            yield f"builds the target {build['target']}, which the Dockerfile has not"
    elif not is_pinned(service["image"]) and not service["image"].startswith(OURS):
        yield f"uses {service['image']}: name a full version"


def _hardening(service: Service) -> Iterator[str]:
    if str(service.get("user", "root")).split(":")[0] in {"root", "0"}:
        yield "runs as root"
    if not service.get("read_only"):
        yield "can write to its own files: read_only is missing"
    if service.get("cap_drop") != ["ALL"]:
        yield "keeps capabilities: cap_drop is missing"
    if "max-size" not in service.get("logging", {}).get("options", {}):
        yield "logs without limit"


def _mounts(service: Service) -> Iterator[str]:
    """What is mounted from the project has to be there: an engine would make an empty folder of it."""
    for volume in service.get("volumes", []):
        source = volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
        if source.startswith("./") and not source.startswith(_OPERATORS) and not (DEPLOY / source).exists():
            yield f"mounts {source}, which does not exist"


def _workspace(services: dict[str, Service]) -> Iterator[str]:
    """The address at which web server and daemon look for the code server, against the one it listens on."""
    for entry in yaml.safe_load(WORKSPACE.read_text())["load_from"]:
        server = entry["grpc_server"]
        words = [str(word) for word in services.get(server["host"], {}).get("command", [])]
        if str(server["port"]) not in words:
            yield f"workspace.yaml: no service {server['host']} listens on {server['port']}"


def _addresses(services: dict[str, Service]) -> Iterator[str]:
    """The addresses that the API trusts are those of nginx and of Prometheus."""
    told = services.get("api", {}).get("environment", {})
    for variable, name in (("ROSTERHUB_TRUSTED_PROXIES", "nginx"), ("ROSTERHUB_METRICS_ADDRESSES", "prometheus")):
        address = services.get(name, {}).get("networks", {}).get("default", {}).get("ipv4_address")
        if address not in [part.strip() for part in str(told.get(variable, "")).split(",")]:
            yield f"compose.yaml, api: {variable} is without the address of {name}, {address}"


def _secrets(declared: dict[str, Any]) -> Iterator[str]:
    """Every secret is one that secrets.sh makes."""
    folder = Path(tempfile.mkdtemp(prefix="rosterhub-secrets-"))
    try:
        made = tools.run("sh", SECRETS_SCRIPT, "localhost", folder)
        if made.returncode != 0:
            yield f"secrets.sh: {tools.complaint(made)}"
        for name, secret in declared.items():
            if not (folder / Path(secret["file"]).name).is_file():
                yield f"compose.yaml: secrets.sh does not make the secret {name}"
    finally:
        shutil.rmtree(folder)
