"""The pods of a kustomize build: hardening, resources, and that everything they name is there.

Their schema is judged in `kubernetes`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from api import probes
from deploy.validation.naming import PROJECT, command_faults, is_pinned, variable_faults

Resource = dict[str, Any]
Pod = dict[str, Any]

GUNICORN = PROJECT / "deploy" / "gunicorn.conf.py"
# Paths that probes may ask for: the API's, nginx's own, and Dagster's web server's.
_PROBED = {probes.LIVE, probes.READY, "/health/nginx", "/dagster/server_info"}


def faults(resources: Sequence[Resource], secrets: Sequence[Resource]) -> list[str]:
    """What is wrong with the pods and what refers to them. `secrets` are the examples of those made by hand."""
    there = _existing([*resources, *secrets])
    found = []
    for owner, template in templates(resources):
        for fault in pod_faults(template["spec"], there):
            found.append(f"{owner}: {fault}")
    found += [f"ConfigMap {name}: {fault}" for name, fault in _config_faults(resources)]
    found += _reference_faults(resources, there)
    return found


def templates(resources: Iterable[Resource]) -> Iterator[tuple[str, Pod]]:
    """Every pod template, with what has it."""
    for resource in resources:
        template = resource.get("spec", {}).get("template")
        if template and "spec" in template:
            yield f"{resource['kind']} {resource['metadata']['name']}", template


def pod_faults(pod: Pod, there: set[tuple[str, str]]) -> Iterator[str]:
    """What is wrong with one pod; `there` has (kind, name) of what it may refer to."""
    context = pod.get("securityContext", {})
    if not context.get("runAsNonRoot") or context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "may run as root, or without a seccomp profile"
    if pod.get("enableServiceLinks") is not False:
        yield "gets a variable for every Service, which may be taken for settings: enableServiceLinks: false"
    if "serviceAccountName" not in pod and pod.get("automountServiceAccountToken") is not False:
        yield "has a token for the cluster that it does not need: automountServiceAccountToken: false"
    for kind, name in _named(pod):
        if (kind, name) not in there:
            yield f"wants the {kind} {name}, which is nowhere"
    volumes = {volume["name"] for volume in pod.get("volumes", [])} | {"data"}
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
        yield from (f"{container['name']} mounts {name}, which is no volume" for name in mounted - volumes)
        yield from (f"{container['name']} {fault}" for fault in _container_faults(container))
        yield from _ending_faults(pod, container)


def _container_faults(container: dict[str, Any]) -> Iterator[str]:
    context = container.get("securityContext", {})
    if context.get("allowPrivilegeEscalation") is not False or context.get("capabilities") != {"drop": ["ALL"]}:
        yield "may gain privileges"
    if not context.get("readOnlyRootFilesystem"):
        yield "can write to its own files"
    resources = container.get("resources", {})
    if {"memory", "cpu"} - set(resources.get("requests", {})) or "memory" not in resources.get("limits", {}):
        yield "asks for no memory and cpu, or has no limit of memory"
    if not is_pinned(container["image"]):
        yield f"uses {container['image']}: name a full version"
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        path = container.get(probe, {}).get("httpGet", {}).get("path")
        if path is not None and path not in _PROBED:
            yield f"is probed at {path}, which is not served"
    yield from variable_faults(
        {entry["name"]: entry["value"] for entry in container.get("env", []) if "value" in entry}
    )
    yield from command_faults([str(word) for word in container.get("args", [])])


def _ending_faults(pod: Pod, container: dict[str, Any]) -> Iterator[str]:
    """A pod of the API is killed no sooner than gunicorn has let its requests end."""
    if container["name"] != "api":
        return
    waits = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    # Read and not run: it prepares the process that it is run in for gunicorn.
    (seconds,) = re.findall(r"^graceful_timeout = (\d+)", GUNICORN.read_text(), re.MULTILINE)
    needed = waits + int(seconds)
    if pod.get("terminationGracePeriodSeconds", 30) <= needed:
        yield f"is killed before its requests have ended: they may take {needed} s"
    if waits < 5:
        yield "ends before the cluster has heard that it does: preStop"


def _named(pod: Pod) -> Iterator[tuple[str, str]]:
    """(kind, name) of everything that a pod refers to."""
    if "serviceAccountName" in pod:
        yield "ServiceAccount", pod["serviceAccountName"]
    for volume in pod.get("volumes", []):
        for key, kind, name in (
            ("configMap", "ConfigMap", "name"),
            ("secret", "Secret", "secretName"),
            ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName"),
        ):
            if key in volume and not volume[key].get("optional"):
                yield kind, volume[key][name]
        for source in volume.get("projected", {}).get("sources", []):
            if secret := source.get("secret"):
                yield from (("Secret", f"{secret['name']}/{item['key']}") for item in secret.get("items", []))
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        for source in container.get("envFrom", []):
            key = "configMapRef" if "configMapRef" in source else "secretRef"
            yield ("ConfigMap" if key == "configMapRef" else "Secret"), source[key]["name"]
        for entry in container.get("env", []):
            if secret := entry.get("valueFrom", {}).get("secretKeyRef"):
                yield "Secret", f"{secret['name']}/{secret['key']}"


def _existing(resources: Iterable[Resource]) -> set[tuple[str, str]]:
    """(kind, name) of the resources, and of each key of a Secret as name/key."""
    found = set()
    for resource in resources:
        kind, name = resource["kind"], resource["metadata"]["name"]
        found.add((kind, name))
        if kind == "Cluster":  # CloudNativePG makes an authority for it
            found.add(("Secret", f"{name}-ca"))
        if kind == "Secret":
            found |= {(kind, f"{name}/{key}") for key in resource.get("stringData", {})}
    return found


def _config_faults(resources: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    for resource in resources:
        if resource["kind"] == "ConfigMap":
            name = resource["metadata"]["name"]
            yield from ((name, fault) for fault in variable_faults(resource.get("data", {})))


def _reference_faults(resources: Sequence[Resource], there: set[tuple[str, str]]) -> Iterator[str]:
    """Services and budgets select pods, and autoscalers scale something."""
    labels = [template["metadata"]["labels"] for _, template in templates(resources)]
    for resource in resources:
        kind, name, spec = resource["kind"], resource["metadata"]["name"], resource.get("spec", {})
        wanted = {"Service": "selector", "PodDisruptionBudget": "selector"}.get(kind)
        selector = spec.get(wanted, {}) if wanted else {}
        selector = selector.get("matchLabels", selector)
        if wanted and not any(selector.items() <= own.items() for own in labels):
            yield f"{kind} {name}: selects no pod"
        target = spec.get("scaleTargetRef")
        if target and (target["kind"], target["name"]) not in there:
            yield f"{kind} {name}: scales {target['kind']} {target['name']}, which does not exist"
