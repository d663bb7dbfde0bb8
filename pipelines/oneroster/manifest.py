"""manifest.csv: its properties, versions and modes (CSV binding 1.2, section 2). Reading one is landing's work."""

from enum import StrEnum

from pipelines.oneroster import registry, v1p1
from pipelines.oneroster.entity import Entity

FILE_NAME = "manifest.csv"
HEADER = ("propertyName", "value")
MANIFEST_VERSION = "manifest.version"
ONEROSTER_VERSION = "oneroster.version"
FILE_PREFIX = "file."
SYSTEM_PROPERTIES = ("source.systemName", "source.systemCode")
MANIFEST_VERSION_VALUE = "1.0"


class Mode(StrEnum):
    """What the manifest says of a file: not there, the whole truth, or changes only."""

    ABSENT = "absent"
    BULK = "bulk"
    DELTA = "delta"


class Version(StrEnum):
    """The version whose tables a bundle follows. 1.2.1 and Japan's 1.2_JP are layouts of 1.2."""

    V1P1 = "1.1"
    V1P2 = "1.2"

    @property
    def entities(self) -> tuple[Entity, ...]:
        return v1p1.ENTITIES if self is Version.V1P1 else registry.ENTITIES


# What `oneroster.version` may say; all but the first two are written by Japanese producers.
SPELLINGS = {"1.1": Version.V1P1, "1.2": Version.V1P2, "1.2.1": Version.V1P2, "1.2_JP": Version.V1P2}
JAPANESE_SPELLINGS = ("1.2.1", "1.2_JP")


def file_properties(version: Version) -> tuple[str, ...]:
    """The `file.*` rows that a manifest of that version must have."""
    return tuple(FILE_PREFIX + entity.name for entity in version.entities)
