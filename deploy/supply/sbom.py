"""`make sbom`: the bill of materials of the images' Python packages, as CycloneDX 1.6, from deploy/runtime.lock.

What else is in an image, its operating system above all, is for a scanner of images to say.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence

import click
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.supply.locked import Package, packages
from deploy.validation.locks import PYPROJECT, RUNTIME
from deploy.validation.naming import PROJECT

PLACE = PROJECT / "build" / "rosterhub.cdx.json"


def main() -> int:
    """Write it, and list the licences; 1 if it does not keep to its schema."""
    found = packages(RUNTIME)
    text = written(found)
    if complaint := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        click.echo(f"Error: the bill of materials does not keep to CycloneDX 1.6: {complaint}")
        return 1
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(text)
    for line in licences(found):
        click.echo(line)
    click.echo(f"{len(found)} packages: written to {PLACE.relative_to(PROJECT)}")
    return 0


def written(found: Sequence[Package]) -> str:
    """The document, as JSON."""
    bom = Bom()
    bom.metadata.component = _ours()
    parts = {package: _component(package) for package in found}
    bom.components.update(parts.values())
    bom.register_dependency(bom.metadata.component, _named(_needed(), parts))
    for package, part in parts.items():
        bom.register_dependency(part, _named(package.needs, parts))
    return str(JsonV1Dot6(bom).output_as_string(indent=2))


def licences(found: Sequence[Package]) -> list[str]:
    """How many packages have which licence, the most frequent first; those of which none is known are named."""
    known = Counter(package.licence for package in found if package.licence)
    unknown = [package.name for package in found if not package.licence]
    lines = [f"{count:4} {licence}" for licence, count in known.most_common()]
    return [*lines, *([f"{len(unknown):4} not known here: {', '.join(unknown)}"] if unknown else [])]


def _named(names: frozenset[str], parts: Mapping[Package, Component]) -> list[Component]:
    """Those of these names; more than one of a name where the lock has versions for different Pythons."""
    return [part for package, part in parts.items() if package.name in names]


def _ours() -> Component:
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    return Component(
        type=ComponentType.APPLICATION,
        name=project["name"],
        version=project["version"],
        description=project["description"],
        bom_ref=project["name"],
    )


def _component(package: Package) -> Component:
    purl = PackageURL("pypi", name=package.name, version=package.version)
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        purl=purl,
        bom_ref=str(purl),
        licenses=[LicenseFactory().make_from_string(package.licence)] if package.licence else [],
        external_references=[_files(package, purl)],
    )


def _files(package: Package, purl: PackageURL) -> ExternalReference:
    """The lock permits several files of a package, so that their hashes are not the component's."""
    return ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(str(purl)),
        comment="one of these files, as locked",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in package.hashes],
    )


def _needed() -> frozenset[str]:
    dependencies = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]
    return frozenset(canonicalize_name(Requirement(text).name) for text in dependencies)


if __name__ == "__main__":
    sys.exit(main())
