"""What deploy/ ships, and what is wrong with a command of docker or kubectl that is about something else."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import yaml

from deploy.validation import kubernetes
from deploy.validation.dockerfile import stages
from tests.docs.pages import ROOT

_KINDS = {"deployment": "Deployment", "hpa": "HorizontalPodAutoscaler"}
_PATHS = ("--file", "-f", "-k")
_LAUNCHED = ("app.kubernetes.io/component", "run_worker")  # a label that Dagster gives the Job of a run


@cache
def services() -> frozenset[str]:
    """The services of compose.yaml."""
    return frozenset(yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"])


@cache
def resources() -> dict[tuple[str, str], dict[str, Any]]:
    """Kind and name → resource, of both overlays; production's where both have one."""
    found = [one for folder in kubernetes.OVERLAYS for one in kubernetes.build(folder)]
    return {(one["kind"], one["metadata"]["name"]): one for one in found}


def faults(command: str) -> Iterator[str]:
    """What the command names that is not shipped. Only the first command of a pipe is looked at."""
    words = shlex.split(command.partition(" | ")[0])
    if words[0] == "cd":
        return
    yield from _missing_files(words)
    if words[:2] == ["docker", "compose"]:
        yield from _compose(words)
    elif words[:2] == ["docker", "build"]:
        yield from _build(words)
    elif words[0] == "kubectl":
        yield from _kubectl(words[1:])
    elif words[:2] != ["docker", "push"]:
        yield f"{words[0]} is no command that is checked against files"


def _missing_files(words: list[str]) -> Iterator[str]:
    if words[1:2] == ["logs"]:  # there -f means to follow
        return
    for option, path in pairwise(words):
        if option in _PATHS and not (ROOT / path).exists():
            yield f"{path} does not exist"


def _compose(words: list[str]) -> Iterator[str]:
    verb, *rest = [word for word in words[2:] if word not in {"--file", "deploy/compose.yaml"}]
    named = next((word for word in rest if not word.startswith("-")), None)
    if verb in {"logs", "restart", "exec", "run"} and named not in services():
        yield f"compose.yaml has no service {named}"


def _build(words: list[str]) -> Iterator[str]:
    target = words[words.index("--target") + 1]
    if target not in stages():
        yield f"the Dockerfile has no target {target}"


def _kubectl(words: list[str]) -> Iterator[str]:
    if words[0] != "apply" and _after(words, "-n") != "rosterhub":
        yield "it does not name the namespace"
    if ("Namespace", "rosterhub") not in resources():
        yield "there is no namespace rosterhub"
    yield from (f"nothing is labelled {label}" for label in [_after(words, "-l")] if label and not _labelled(label))
    for kind, name in _named(words):
        if (kind, name) not in resources():
            yield f"there is no {kind} {name}"
    yield from (f"{name} has no container {one}" for name, one in _containers(words) if one not in _of(name))


def _named(words: list[str]) -> Iterator[tuple[str, str]]:
    """The resources of a command: `deployment/name`, `deployment name…`, or the pod of a StatefulSet."""
    for number, word in enumerate(words):
        kind, slash, name = word.partition("/")
        if kind in _KINDS and slash:
            yield _KINDS[kind], name
        elif word in _KINDS:
            names = words[number + 1 :]
            end = next((at for at, one in enumerate(names) if one.startswith("-")), len(names))
            yield from ((_KINDS[word], name) for name in names[:end])
    if words[0] == "exec" and (pod := re.search(r"\b([\w-]+)-0\b", " ".join(words))):
        yield "StatefulSet", pod[1]


def _containers(words: list[str]) -> Iterator[tuple[str, str]]:
    """Of `set image deployment/name container=image`."""
    if words[:2] == ["set", "image"]:
        name = words[2].partition("/")[2]
        yield from ((name, word.partition("=")[0]) for word in words[3:] if "=" in word)


def _of(deployment: str) -> set[str]:
    pod = resources()["Deployment", deployment]["spec"]["template"]["spec"]
    return {container["name"] for container in pod["containers"]}


def _labelled(label: str) -> bool:
    key, _, value = label.partition("=")
    templates = [one["spec"]["template"] for one in resources().values() if "template" in one.get("spec", {})]
    labels = [template["metadata"].get("labels", {}) for template in templates if "metadata" in template]
    return (key, value) == _LAUNCHED or any(one.get(key) == value for one in labels)


def _after(words: list[str], option: str) -> str | None:
    return words[words.index(option) + 1] if option in words else None
