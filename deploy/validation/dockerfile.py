"""deploy/Dockerfile: hadolint's word on it, and what it copies and builds on."""

import re
from collections.abc import Iterator
from pathlib import Path

from deploy.validation import tools
from deploy.validation.naming import PROJECT, is_pinned

DOCKERFILE = PROJECT / "deploy" / "Dockerfile"
TARGETS = ("api", "pipelines")


def faults(path: Path = DOCKERFILE) -> Iterator[str]:
    """What is wrong with it."""
    linted = tools.run("hadolint", path)
    if linted.returncode != 0:
        yield f"hadolint: {tools.complaint(linted)}"
    known = stages(path)
    for name, lines in known.items():
        yield from (f"Dockerfile, {name}: {fault}" for fault in _stage_faults(lines, known))
    for name in TARGETS:
        users = [line.split()[1] for line in known.get(name, []) if line.startswith("USER ")]
        if not users or users[-1].split(":")[0] in {"root", "0"}:
            yield f"Dockerfile, {name}: runs as root"


def stages(path: Path = DOCKERFILE) -> dict[str, list[str]]:
    """Its stages by name, each with its instructions on one line."""
    text = re.sub(r"\\\n\s*", "", path.read_text())
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if match := re.match(r"FROM \S+ AS (\S+)", line):
            current = found[match[1]] = []
        if line and not line.startswith("#"):
            current.append(line)
    return found


def _stage_faults(lines: list[str], known: dict[str, list[str]]) -> Iterator[str]:
    base = lines[0].split()[1]
    if base not in known and not is_pinned(base):
        yield f"{base}: name a full version"
    for line in lines:
        words = line.split()
        if words[0] == "COPY" and not words[1].startswith("--from"):
            missing = (path for path in words[1:-1] if not (PROJECT / path).exists())
            yield from (f"copies {path}, which does not exist" for path in missing)
