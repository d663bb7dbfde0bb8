"""A sample as a whole: which files it has, by which headers, and what its manifest says."""

from dataclasses import dataclass

from pipelines.oneroster import japan, manifest
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.manifest import FILE_PREFIX, Mode, Version
from pipelines.sampling.american import AMERICAN
from pipelines.sampling.changes import Changes
from pipelines.sampling.district import District
from pipelines.sampling.flavour import Flavour
from pipelines.sampling.grading import Grading
from pipelines.sampling.japanese import JAPANESE
from pipelines.sampling.materials import Materials
from pipelines.sampling.parts import Part
from pipelines.sampling.people import People
from pipelines.sampling.teaching import Teaching

FLAVOURS: dict[str, Flavour] = {flavour.name: flavour for flavour in (AMERICAN, JAPANESE)}
SYSTEM = ("RosterHub sample", "rosterhub-sample")  # source.systemName, source.systemCode


@dataclass(frozen=True)
class Sample:
    """What is to be written. A sample of 1.1 holds the data of the sample of 1.2, as far as 1.1 can say it."""

    district: District
    version: Version = Version.V1P2
    mode: Mode = Mode.BULK
    gradebook: bool = False
    resources: bool = False

    def parts(self) -> dict[Entity, list[Part]]:
        """The parts of each file that there is, in load order."""
        made = [part for part in self._all_parts() if part.count]
        by_file = {entity: [part for part in made if part.entity == entity.name] for entity in self.version.entities}
        return {entity: parts for entity, parts in by_file.items() if parts}

    def _all_parts(self) -> list[Part]:
        if self.mode is Mode.DELTA:
            return Changes(self.district).parts()
        parts = [*Teaching(self.district).parts(), *People(self.district).parts()]
        parts += Grading(self.district).parts() if self.gradebook else []
        parts += Materials(self.district).parts() if self.resources else []
        return parts

    def header(self, entity: Entity) -> tuple[str, ...]:
        """The file's columns; a flavour has its own layout of 1.2, and 1.1 knows no profiles."""
        return entity.header if self.version is Version.V1P1 else self.district.flavour.header(entity)

    def manifest(self) -> dict[str, str]:
        """The manifest's rows."""
        there = {entity.name for entity in self.parts()}
        files = {
            name: self.mode if name.removeprefix(FILE_PREFIX) in there else Mode.ABSENT
            for name in manifest.file_properties(self.version)
        }
        version = self.version.value if self.version is Version.V1P1 else self.district.flavour.version_text
        leading = {manifest.MANIFEST_VERSION: manifest.MANIFEST_VERSION_VALUE, manifest.ONEROSTER_VERSION: version}
        return {**leading, **files, **dict(zip(manifest.SYSTEM_PROPERTIES, SYSTEM, strict=True))}


def known_columns(entity: Entity) -> set[str]:
    """What rows of a file may be about: its columns in both versions, and the Japan profile's."""
    versions = [one for version in Version for one in version.entities if one.name == entity.name]
    extensions = {spelling for spellings in japan.EXTENSIONS.get(entity.name, ()) for spelling in spellings}
    return {name for one in versions for name in one.header} | extensions
