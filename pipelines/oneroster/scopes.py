"""The scopes of OneRoster 1.2 that open something to read, by service. Facts only (OpenAPI files, guide 2.6).

Who has been given which scope is not known here.
"""

from dataclasses import dataclass

from pipelines.oneroster.entity import Entity

PREFIX = "https://purl.imsglobal.org/spec/or/v1p2/scope/"


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: the records of a service, or of the one entity that it is kept for."""

    name: str
    service: str
    only: str = ""  # the entity that this scope alone opens
    nested: bool = True  # whether it opens the collections below a record, such as /classes/{id}/students

    @property
    def uri(self) -> str:
        """As clients ask for it, and as it is stored."""
        return PREFIX + self.name


SCOPES: tuple[Scope, ...] = (
    Scope("roster.readonly", "rostering"),
    Scope("roster-core.readonly", "rostering", nested=False),
    Scope("roster-demographics.readonly", "rostering", only="demographics"),
    Scope("resource.readonly", "resources"),
    Scope("resource-core.readonly", "resources", nested=False),
    Scope("gradebook.readonly", "gradebook"),
    Scope("gradebook-core.readonly", "gradebook", nested=False),
)

BY_NAME: dict[str, Scope] = {scope.name: scope for scope in SCOPES}


def opening(entity: Entity) -> tuple[Scope, ...]:
    """The scopes of which one is enough to read that entity's records."""
    own = tuple(scope for scope in SCOPES if scope.only == entity.name)
    return own or tuple(scope for scope in SCOPES if scope.service == entity.service and not scope.only)
