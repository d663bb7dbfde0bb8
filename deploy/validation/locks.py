"""deploy/runtime.lock, what the images are made of: everything that the project needs, as tested, and nothing older."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.validation.naming import PROJECT

PYPROJECT = PROJECT / "pyproject.toml"
TESTED = PROJECT / "requirements.lock"
RUNTIME = PROJECT / "deploy" / "runtime.lock"
_REMEDY = "run `make lock`"


def faults(runtime: Path = RUNTIME) -> Iterator[str]:
    """What is wrong with it."""
    shipped, tested = versions(runtime), versions(TESTED)
    for text in tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]:
        needed = Requirement(text)
        version = shipped.get(canonicalize_name(needed.name))
        if version is None or version not in needed.specifier:
            yield f"runtime.lock: {text} is needed, {version or 'nothing'} is there: {_REMEDY}"
    for name in sorted(shipped.keys() & tested.keys()):
        if shipped[name] != tested[name]:
            yield f"runtime.lock: {name} is {shipped[name]}, tested is {tested[name]}: {_REMEDY}"


def versions(lock: Path) -> dict[str, str]:
    """The version of every package in a lock."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", lock.read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}
