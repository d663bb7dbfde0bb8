"""The scopes of OneRoster that open something to read, by service. Facts only (OpenAPI files, guide 2.6).

Scopes go by the URIs of 1.2; 1.1 calls the same ones by URIs of its own. Who has been given which is not known here.
"""

import re
from dataclasses import dataclass

from pipelines.oneroster.entity import Entity

PREFIX = "https://purl.imsglobal.org/spec/or/v1p2/scope/"

# Both versions, and the spelling with http that old clients were given.
_ANY_PREFIX = re.compile(r"https?://purl\.imsglobal\.org/spec/or/v1p[12]/scope/")


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: the records of a service, or of the entities that it is kept for."""

    name: str
    service: str
    only: tuple[str, ...] = ()  # the entities that this scope alone opens
    nested: bool = True  # whether it opens the collections below a record, such as /classes/{id}/students
    asked_for: bool = False  # never granted unless it is named

    @property
    def uri(self) -> str:
        """As clients ask for it, and as it is stored."""
        return PREFIX + self.name


SCOPES: tuple[Scope, ...] = (
    Scope("roster.readonly", "rostering"),
    Scope("roster-core.readonly", "rostering", nested=False),
    Scope("roster-demographics.readonly", "rostering", only=("demographics",), asked_for=True),
    Scope("resource.readonly", "resources"),
    Scope("resource-core.readonly", "resources", nested=False),
    Scope("gradebook.readonly", "gradebook"),
    Scope("gradebook-core.readonly", "gradebook", nested=False),
    Scope("assessment.readonly", "gradebook", only=("assessmentLineItems", "assessmentResults")),
)

BY_NAME: dict[str, Scope] = {scope.name: scope for scope in SCOPES}


def opening(entity: Entity, *, nested: bool = False) -> tuple[Scope, ...]:
    """The scopes of which one is enough to read that entity's records; `nested`: below a record of another."""
    own = tuple(scope for scope in SCOPES if entity.name in scope.only)
    found = own or tuple(scope for scope in SCOPES if scope.service == entity.service and not scope.only)
    return tuple(scope for scope in found if scope.nested or not nested)


def called(text: str) -> Scope | None:
    """The scope of that name or URI, in the spelling of either version; None if it opens nothing that can be read."""
    return BY_NAME.get(_ANY_PREFIX.sub("", text, count=1))
