"""deploy/kubernetes: what kustomize makes of base and overlays, and whether Kubernetes' own schemas take it.

What is in the pods is judged in `pods`, what lets them talk in `policies`.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from deploy.validation import pods, policies, tools
from deploy.validation.naming import PROJECT

FOLDER = PROJECT / "deploy" / "kubernetes"
BASE = FOLDER / "base"
OVERLAYS = (FOLDER / "overlays" / "development", FOLDER / "overlays" / "production")
DENY_ALL = FOLDER / "network-policy-deny-all.yaml"
SECRETS = FOLDER / "secrets.example.yaml"

Resource = dict[str, Any]


class BuildError(Exception):
    """kustomize turns a folder down; the message is its own."""


@cache
def build(folder: Path) -> tuple[Resource, ...]:
    """The resources that `kubectl apply -k` would apply. BuildError if kustomize cannot."""
    done = tools.run("kubectl", "kustomize", folder)
    if done.returncode != 0:
        raise BuildError(tools.complaint(done))
    return tuple(yaml.safe_load_all(done.stdout))


def read(path: Path) -> list[Resource]:
    """The resources of one file."""
    return list(yaml.safe_load_all(path.read_text()))


def faults() -> Iterator[str]:
    """What is wrong with base, overlays and the files beside them."""
    yield from _folder_faults(BASE)
    for folder in OVERLAYS:
        yield from _folder_faults(folder)
    for path in (DENY_ALL, SECRETS):
        yield from (f"{path.name}: {fault}" for resource in read(path) for fault in schema_faults(resource))


def _folder_faults(folder: Path) -> Iterator[str]:
    try:
        resources = build(folder)
    except BuildError as refusal:
        yield f"{folder.name}: {refusal}"
        return
    secrets = read(SECRETS)
    found = [fault for resource in resources for fault in schema_faults(resource)]
    found += pods.faults(resources, secrets)
    if folder in OVERLAYS:
        found += policies.faults(resources, read(DENY_ALL))
    yield from (f"{folder.name}: {fault}" for fault in found)


def schema_faults(resource: Resource) -> Iterator[str]:
    """What Kubernetes' schema of its kind says, unknown properties included; nothing for a kind without a schema."""
    import kubernetes_validate

    try:
        kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)
    except kubernetes_validate.ValidationError as mistake:
        where = ".".join(map(str, mistake.path))
        yield f"{named(resource)}: {where}: {mistake.message}"
    except kubernetes_validate.SchemaNotFoundError:
        return


def kinds_without_schema() -> set[str]:
    """The kinds in the overlays that nothing here can judge: those that operators define."""
    import kubernetes_validate

    found = set()
    for resource in (resource for folder in OVERLAYS for resource in build(folder)):
        try:
            kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            found.add(f"{resource['apiVersion']} {resource['kind']}")
        except kubernetes_validate.ValidationError:
            continue
    return found


def named(resource: Resource) -> str:
    """How a resource is called in a message."""
    return f"{resource['kind']} {resource['metadata']['name']}"
