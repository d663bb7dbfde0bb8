"""What the parts of the document are called, so that all of them agree. An older edition's names say which it is."""

from typing import Any

from api.editions import V1P2, Edition

Schema = dict[str, Any]


def name(declared: str, edition: Edition = V1P2) -> str:
    """The component that describes what the declarations call so.

    >>> name("academicSession")
    'AcademicSession'
    """
    return declared[0].upper() + declared[1:] + suffix(edition)


def suffix(edition: Edition) -> str:
    """What ends the names of an edition's components and operations.

    >>> from api.editions import V1P1
    >>> suffix(V1P2), suffix(V1P1)
    ('', 'V1p1')
    """
    return "" if edition is V1P2 else f"V{edition.version.replace('.', 'p')}"


def tag(service: str, edition: Edition) -> str:
    """The group of a service's operations."""
    return service if edition is V1P2 else f"{service} {edition.version}"


def component(name: str) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}
