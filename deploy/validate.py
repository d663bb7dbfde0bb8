"""`make check-deploy`: what can be known of the deploy files without a container engine.

compose.yaml is held against the Compose specification and against the project: what it builds, runs, sets and mounts
has to exist. What only an engine could tell (whether the images build and start) is not known here.
"""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from api.settings import Settings as ApiSettings
from pipelines import settings as configuration
from pipelines.cli import COMMANDS

DEPLOY = Path(__file__).parent
PROJECT = DEPLOY.parent
COMPOSE = DEPLOY / "compose.yaml"
DOCKERFILE = DEPLOY / "Dockerfile"
WORKSPACE = DEPLOY / "workspace.yaml"

# Services that end when their work is done: nothing of them stays healthy.
ONE_SHOT = {"migrate"}
Service = dict[str, Any]


def faults() -> list[str]:
    """Everything that is wrong, one sentence each; empty if nothing is."""
    services: dict[str, Service] = yaml.safe_load(COMPOSE.read_text())["services"]
    found = [*_specification(), *_dockerfile(), *_workspace(services)]
    for name, service in services.items():
        found += [f"compose.yaml, {name}: {fault}" for fault in service_faults(service, name in ONE_SHOT)]
    return found


def _specification() -> Iterator[str]:
    """The Compose specification as check-jsonschema brings it along."""
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE],
        capture_output=True,
        text=True,
        check=False,
    )
    if checked.returncode != 0:
        yield f"compose.yaml: {checked.stdout.strip() or checked.stderr.strip()}"


def service_faults(service: Service, one_shot: bool = False) -> Iterator[str]:
    """What is wrong with one service."""
    yield from _image(service)
    yield from _hardening(service)
    yield from _settings(service)
    yield from _command([str(word) for word in service.get("command", [])])
    if not one_shot and "healthcheck" not in service:
        yield "has no healthcheck"


def _image(service: Service) -> Iterator[str]:
    if "build" in service:
        build = service["build"]
        if not (COMPOSE.parent / build["context"] / build["dockerfile"]).is_file():
            yield f"builds {build['dockerfile']}, which does not exist"
        if build["target"] not in stages():
            yield f"builds the target {build['target']}, which the Dockerfile has not"
    elif not is_pinned(service["image"]) and not service["image"].startswith("rosterhub-"):
        yield f"uses {service['image']}: name a full version"


def is_pinned(image: str) -> bool:
    """Whether an image's tag says at least major and minor version, or a digest."""
    return "@sha256:" in image or re.search(r":\d+\.\d+", image) is not None


def _hardening(service: Service) -> Iterator[str]:
    if str(service.get("user", "root")).split(":")[0] in {"root", "0"}:
        yield "runs as root"
    if not service.get("read_only"):
        yield "can write to its own files: read_only is missing"
    if service.get("cap_drop") != ["ALL"]:
        yield "keeps capabilities: cap_drop is missing"
    if "max-size" not in service.get("logging", {}).get("options", {}):
        yield "logs without limit"


def _settings(service: Service) -> Iterator[str]:
    """A misspelt variable would be ignored without a word; a password in the file would be everybody's."""
    known = {setting.variable for setting in configuration.table()}
    known |= {setting.metadata["variable"] for setting in fields(ApiSettings)}
    for name, value in service.get("environment", {}).items():
        if name.startswith("ROSTERHUB_") and name not in known:
            yield f"sets {name}, which is no setting"
        if re.search(r"PASSWORD|SECRET|TOKEN", name) and not str(value).startswith("${"):
            yield f"has the value of {name} in the file"
        if re.search(r"://[^/@]+:[^$@/][^@/]*@", str(value)):
            yield f"has a password in {name}"


def _command(words: list[str]) -> Iterator[str]:
    if not words:
        return
    if words[0] == "rosterhub" and words[1] not in COMMANDS:
        yield f"runs rosterhub {words[1]}, which is no command"
    for option, value in pairwise(words):
        if option == "--module-name" and importlib.util.find_spec(value) is None:
            yield f"loads the module {value}, which does not exist"
        if option in {"--workspace", "--config"} and not (PROJECT / value).is_file():
            yield f"reads {value}, which does not exist"


def stages() -> dict[str, list[str]]:
    """The Dockerfile's stages by name, each with its instructions on one line."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text())
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if match := re.match(r"FROM \S+ AS (\S+)", line):
            current = found[match[1]] = []
        if line and not line.startswith("#"):
            current.append(line)
    return found


def _dockerfile() -> Iterator[str]:
    known = stages()
    for name, lines in known.items():
        base = lines[0].split()[1]
        if base not in known and not is_pinned(base):
            yield f"Dockerfile, {name}: {base}: name a full version"
        yield from (f"Dockerfile, {name}: copies {path}, which does not exist" for path in _missing(lines))
    for name in ("api", "pipelines"):
        users = [line.split()[1] for line in known.get(name, []) if line.startswith("USER ")]
        if not users or users[-1].split(":")[0] in {"root", "0"}:
            yield f"Dockerfile, {name}: runs as root"


def _missing(lines: list[str]) -> Iterator[str]:
    for line in lines:
        words = line.split()
        if words[0] == "COPY" and not words[1].startswith("--from"):
            yield from (path for path in words[1:-1] if not (PROJECT / path).exists())


def _workspace(services: dict[str, Service]) -> Iterator[str]:
    """The address at which web server and daemon look for the code server, against the one it listens on."""
    for entry in yaml.safe_load(WORKSPACE.read_text())["load_from"]:
        server = entry["grpc_server"]
        words = [str(word) for word in services.get(server["host"], {}).get("command", [])]
        if str(server["port"]) not in words:
            yield f"workspace.yaml: no service {server['host']} listens on {server['port']}"


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    found = faults()
    sys.stdout.write("".join(f"{fault}\n" for fault in found) or "deploy files: nothing wrong was found\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
