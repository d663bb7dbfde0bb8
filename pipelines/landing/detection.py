"""What files look like that do not say it themselves: OneRoster of some version, Microsoft SDS, or something else.

For messages, and for naming a single CSV file. Nothing is read as something because it looks like it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from pipelines.oneroster.entity import Entity
from pipelines.oneroster.manifest import Version
from pipelines.oneroster.v1p0 import old_columns

Header = tuple[str, ...]

METADATA_PREFIX = "metadata."
LIKE_ENOUGH = 0.5

# Microsoft School Data Sync: columns and file names that only it has (v2.1), and those of its first version.
SDS_V2_COLUMNS = frozenset({"sessionsourcedids", "relationshiprole", "activedirectorymatchid", "rolestartdate"})
SDS_V2_FILES = frozenset({"relationships", "userflags"})
SDS_V1_COLUMNS = frozenset({"sis id", "school sis id", "section sis id"})


class Likeness(NamedTuple):
    """A file of the standard that a header looks like."""

    version: Version
    entity: Entity


def looks_like(headers: Mapping[str, Header]) -> str:
    """A sentence about files without a manifest, by their lower-case names without .csv and their headers."""
    columns = {name.lower() for header in headers.values() for name in header}
    if columns & SDS_V2_COLUMNS or SDS_V2_FILES & set(headers):
        return "The files look like Microsoft School Data Sync (SDS) v2.1, which is not OneRoster."
    if columns & SDS_V1_COLUMNS:
        return "The files look like Microsoft School Data Sync (SDS) v1, which is not OneRoster."
    if any(old_columns(header) for header in headers.values()):
        return "The columns look like OneRoster 1.0, which had no manifest and is not supported."
    versions = {likeness.version for name, header in headers.items() if (likeness := likeness_of(name, header))}
    if versions:
        return f"The columns look like OneRoster {_version(versions)}, but without a manifest that cannot be relied on."
    return "None of its files looks like a file of OneRoster."


def _version(versions: set[Version]) -> str:
    """1.1 shows by its users.csv; everything that 1.1 has looks the same in 1.2."""
    return Version.V1P1.value if Version.V1P1 in versions else " or ".join(version.value for version in Version)


def likeness_of(stem: str, header: Header) -> Likeness | None:
    """Which file of which version a CSV is: by its name, else by its columns; None where neither tells.

    `stem` is the file's name without .csv. Where 1.1 and 1.2 fit alike it is 1.2.
    """
    candidates = [Likeness(version, entity) for version in reversed(Version) for entity in version.entities]
    named = [candidate for candidate in candidates if candidate.entity.name.lower() == stem.lower()]
    best = max(named or candidates, key=lambda candidate: _alike(candidate.entity, header))
    return best if named or _alike(best.entity, header) >= LIKE_ENOUGH else None


def _alike(entity: Entity, header: Header) -> float:
    """How much of two sets of column names is common to both, from 0 to 1."""
    names = {name.lower() for name in header if not name.lower().startswith(METADATA_PREFIX)}
    return max(_overlap({name.lower() for name in layout}, names) for layout in entity.headers)


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(len(one | other), 1)
