"""What has a URL: collections, each an entity or its records of one type or role, and the paths that lead to them.

A path leads to a collection, to one record of it, or to what belongs to one record of another: `/schools/{id}/classes`.
What records look like is in rendering, how they are read in query, and who may in security.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote

from api import editions
from api.editions import V1P1, V1P2, Edition
from pipelines.oneroster import registry
from pipelines.oneroster.entity import Entity


@dataclass(frozen=True, slots=True)
class Condition:
    """What a record must have to be in a collection: a value in a column, or in an embedded row that is shown."""

    column: str
    value: str
    embedded: str = ""  # the entity whose rows have the column; "" for the record's own
    by_link: bool = False  # below a record, what links to it has the column too, and decides instead


@dataclass(frozen=True, eq=False)  # there is one of each; they are keys of caches
class Collection:
    """A name in a URL, and the records behind it."""

    name: str
    entity: Entity
    condition: Condition | None = None

    @property
    def path(self) -> str:
        """Its URL path below the host, or below `/sources/{source}`."""
        return f"{self.base}/{self.name}"

    @property
    def base(self) -> str:
        """The URL path that it lies under."""
        return self.edition.bases[self.entity.service]

    @cached_property
    def edition(self) -> Edition:
        """The edition of the standard that its records are shown in."""
        return editions.declaring(self.entity)

    @cached_property
    def singular(self) -> str:
        """One of its records, as paths and texts call it: `school` for a record of /schools."""
        return self.entity.singular if self.name == self.entity.name else self.name.removesuffix("s")

    @cached_property
    def embedded(self) -> tuple[Entity, ...]:
        """The entities whose rows its records show, in load order."""
        return registry.embedded_in(self.entity)

    @cached_property
    def is_stored(self) -> bool:
        """Whether there can be records at all: some collections of the standard have no file in CSV."""
        return self.entity.name in registry.BY_NAME


@dataclass(frozen=True, eq=False)
class Endpoint:
    """A path that answers GET. `parents` are the collections whose records it names before its own collection."""

    collection: Collection
    single: bool = False
    parents: tuple[Collection, ...] = ()
    base: str = ""  # where it lies if not at its collection's own base

    @property
    def nested(self) -> bool:
        """Whether it leads to what belongs to a record (the scopes tell such paths apart)."""
        return bool(self.parents)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the ids in its path, as the OpenAPI files spell them."""
        if self.single:
            return ("sourcedId",)
        return tuple(f"{parent.singular}SourcedId" for parent in self.parents)

    def links(self, parent: Collection) -> tuple[str, ...]:
        """What links the collection to one of the parents: names of entities, or OWN."""
        return _LINKS.get((parent.name, self.collection.name), (OWN,))

    @cached_property
    def template(self) -> str:
        """Its path below the host, with {parameters}."""
        steps = [f"/{parent.name}/{{{name}}}" for parent, name in zip(self.parents, self.parameters, strict=False)]
        own = f"/{self.collection.name}" + ("/{sourcedId}" if self.single else "")
        return (self.base or self.collection.base) + "".join(steps) + own

    def path(self, ids: Sequence[str]) -> str:
        """Its path below the host with those ids."""
        quoted = {name: quote(id, safe="") for name, id in zip(self.parameters, ids, strict=True)}
        return self.template.format_map(quoted) if quoted else self.template


def service_base(service: str) -> str:
    """The URL path that a service's collections lie under in 1.2 (the OpenAPI files' servers)."""
    return V1P2.bases[service]


ALIAS = "/ims/oneroster/v1p2"  # of the rostering base: what clients ask that know one base for everything

# (name, entity, condition): what the standard calls by a name of its own (guide 3).
_NAMED = (
    ("terms", "academicSessions", Condition("type", "term")),
    ("gradingPeriods", "academicSessions", Condition("type", "gradingPeriod")),
    ("schools", "orgs", Condition("type", "school")),
    ("students", "users", Condition("role", "student", by_link=True)),
    ("teachers", "users", Condition("role", "teacher", by_link=True)),
)


def _collections(edition: Edition) -> Iterator[Collection]:
    """An edition's collections. What is embedded in other records has no URL."""
    stored = registry.BY_NAME.keys()
    shown = [entity for entity in edition.entities.values() if entity.embedding is None]
    yield from (Collection(entity.name, entity) for entity in shown if entity.name in stored)
    for name, entity_name, condition in _NAMED:
        entity = edition.entities[entity_name]
        yield Collection(name, entity, replace(condition, embedded=_holding(entity, condition.column)))
    yield from (Collection(entity.name, entity) for entity in shown if entity.name not in stored)


def _holding(entity: Entity, column: str) -> str:
    """The entity whose rows in that one's records have the column; "" if the records have it themselves."""
    if column in entity.header:
        return ""
    return next(rows.name for rows in registry.embedded_in(entity) if column in rows.header)


COLLECTIONS: tuple[Collection, ...] = tuple(_collections(V1P2))

BY_NAME: dict[str, Collection] = {collection.name: collection for collection in COLLECTIONS}

OWN = ""  # the collection's own reference to the parent

# What links a collection to a parent where it is not (only) its own reference: entities with rows that name both
# (guide 3 for what the standard leaves open).
_LINKS: dict[tuple[str, str], tuple[str, ...]] = {
    ("classes", "students"): ("enrollments",),
    ("classes", "teachers"): ("enrollments",),
    ("schools", "courses"): (OWN, "classes"),
    ("schools", "students"): ("enrollments", "roles"),
    ("schools", "teachers"): ("enrollments", "roles"),
    ("schools", "terms"): ("classes",),
    ("students", "classes"): ("enrollments",),
    ("teachers", "classes"): ("enrollments",),
    ("users", "classes"): ("enrollments",),
    ("classes", "resources"): ("classResources",),
    ("courses", "resources"): ("courseResources",),
    ("users", "resources"): ("userResources", "users"),
    ("classes", "categories"): ("lineItems",),
    ("classes", "results"): (OWN, "lineItems"),
}

# The standard's paths below a record (OpenAPI files): names of parents, then of the collection.
_NESTED = (
    "classes/students",
    "classes/teachers",
    "courses/classes",
    "schools/classes",
    "schools/classes/enrollments",
    "schools/classes/students",
    "schools/classes/teachers",
    "schools/courses",
    "schools/enrollments",
    "schools/students",
    "schools/teachers",
    "schools/terms",
    "students/classes",
    "teachers/classes",
    "users/classes",
    "terms/classes",
    "terms/gradingPeriods",
    "classes/resources",
    "courses/resources",
    "users/resources",
    "classes/categories",
    "classes/lineItems",
    "classes/lineItems/results",
    "classes/results",
    "classes/scoreScales",
    "classes/students/results",
    "schools/scoreScales",
)


def _endpoints(collections: Mapping[str, Collection]) -> Iterator[Endpoint]:
    """The endpoints of collections that are there, by name."""
    for collection in collections.values():
        yield Endpoint(collection)
        yield Endpoint(collection, single=True)
    for path in _NESTED:
        names = path.split("/")
        if collections.keys() >= set(names):
            *parents, collection = (collections[name] for name in names)
            yield Endpoint(collection, parents=tuple(parents))


ENDPOINTS: tuple[Endpoint, ...] = tuple(_endpoints(BY_NAME))

ALIASES: tuple[Endpoint, ...] = tuple(
    replace(endpoint, base=ALIAS) for endpoint in ENDPOINTS if endpoint.collection.entity.service == "rostering"
)

# The view in the shape of 1.1, of rostering alone.
V1P1_ENDPOINTS: tuple[Endpoint, ...] = tuple(
    _endpoints({collection.name: collection for collection in _collections(V1P1)})
)
