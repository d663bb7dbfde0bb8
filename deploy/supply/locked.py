"""A lock's packages, with what is known of them here. Writing them down and judging them is for others to do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_PACKAGE = re.compile(r"^(?P<name>[\w.-]+)(\[[^\]]*\])?==(?P<version>[^\s;]+)(?P<rest>(.*\\\n)*.*)$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_LONGEST_NAME = 60  # some put a whole licence where its name belongs
_CLASSIFIER = "License :: OSI Approved :: "
_SPDX = {  # how the frequent ones are written otherwise
    "mit license": "MIT",
    "apache 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "3-clause bsd license": "BSD-3-Clause",
    "python software foundation license": "PSF-2.0",
}


@dataclass(frozen=True)
class Package:
    """`hashes` are the SHA-256 of the files that may be installed. What is installed here tells `licence` and `needs`;
    "" and () for what belongs to other systems."""

    name: str
    version: str
    hashes: tuple[str, ...]
    licence: str
    needs: frozenset[str]


def packages(lock: Path) -> list[Package]:
    """The lock's packages, in its order."""
    return [_package(found) for found in _PACKAGE.finditer(lock.read_text())]


def _package(found: re.Match[str]) -> Package:
    name = canonicalize_name(found["name"])
    hashes = tuple(_HASH.findall(found["rest"]))
    try:
        told = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return Package(name, found["version"], hashes, "", frozenset())
    return Package(name, found["version"], hashes, licence(told.metadata), frozenset(_needs(told)))


def licence(told: metadata.PackageMetadata) -> str:
    """What a package says of its licence: an SPDX expression, a short name, or its classifiers; "" if nothing."""
    (given, *_) = told.get_all("License-Expression") or told.get_all("License") or [""]
    if given and given != "UNKNOWN" and len(given) <= _LONGEST_NAME and "\n" not in given:
        return _SPDX.get(given.lower(), given)
    classifiers = [one.removeprefix(_CLASSIFIER) for one in told.get_all("Classifier") or [] if _CLASSIFIER in one]
    return ", ".join(_SPDX.get(one.lower(), one) for one in classifiers)


def _needs(told: metadata.Distribution) -> Iterator[str]:
    """What it needs here. Extras are not told apart: whoever asks keeps to what is in the lock."""
    for text in told.requires or []:
        needed = Requirement(text)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            yield canonicalize_name(needed.name)
