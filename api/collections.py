"""The collections that have a URL: each an entity, or an entity's records of one type or role.

What a collection's records look like is in rendering, how they are read in query, and who may in security.
"""

from dataclasses import dataclass
from functools import cached_property

from pipelines.oneroster import registry
from pipelines.oneroster.entity import Entity


@dataclass(frozen=True, slots=True)
class Condition:
    """What a record must have to be in a collection: a value in a column, or in an embedded row that is shown."""

    column: str
    value: str
    embedded: str = ""  # the entity whose rows have the column; "" for the record's own


@dataclass(frozen=True, eq=False)  # there is one of each; they are keys of caches
class Collection:
    """A name in a URL, and the records behind it."""

    name: str
    entity: Entity
    condition: Condition | None = None

    @property
    def path(self) -> str:
        """Its URL path below the host, or below `/sources/{source}`."""
        return f"{service_base(self.entity.service)}/{self.name}"

    @cached_property
    def embedded(self) -> tuple[Entity, ...]:
        """The entities whose rows its records show, in load order."""
        return registry.embedded_in(self.entity)


def service_base(service: str) -> str:
    """The URL path that a service's collections lie under (the OpenAPI files' servers)."""
    return f"/ims/oneroster/{service}/v1p2"


# (name, entity, condition): what the standard calls by a name of its own (guide 3).
_NAMED = (
    ("terms", "academicSessions", Condition("type", "term")),
    ("gradingPeriods", "academicSessions", Condition("type", "gradingPeriod")),
    ("schools", "orgs", Condition("type", "school")),
    ("students", "users", Condition("role", "student", embedded="roles")),
    ("teachers", "users", Condition("role", "teacher", embedded="roles")),
)

COLLECTIONS: tuple[Collection, ...] = (
    *(Collection(entity.name, entity) for entity in registry.ENTITIES if registry.owner_of(entity) is None),
    *(Collection(name, registry.BY_NAME[entity], condition) for name, entity, condition in _NAMED),
)
