"""The four files of the resources service (CSV binding 1.2, section 4). Facts only."""

from pipelines.oneroster import vocabularies as v
from pipelines.oneroster.entity import Embedding, Entity, enum, enums, ref, text

RESOURCES = Entity(
    "resources",
    "resource",
    "resources",
    content=(
        text("vendorResourceId", required=True),
        text("title"),
        enums("roles", v.RESOURCE_ROLE),
        enum("importance", v.IMPORTANCE),
        text("vendorId"),
        text("applicationId"),
    ),
)

CLASS_RESOURCES = Entity(
    "classResources",
    "classResource",
    "resources",
    embedding=Embedding("classSourcedId", json="resources", shape="refs"),
    content=(
        text("title", json=""),
        ref("classSourcedId", "classes", required=True, json=""),
        ref("resourceSourcedId", "resources", required=True),
    ),
)

COURSE_RESOURCES = Entity(
    "courseResources",
    "courseResource",
    "resources",
    embedding=Embedding("courseSourcedId", json="resources", shape="refs"),
    content=(
        text("title", json=""),
        ref("courseSourcedId", "courses", required=True, json=""),
        ref("resourceSourcedId", "resources", required=True),
    ),
)

USER_RESOURCES = Entity(
    "userResources",
    "userResource",
    "resources",
    embedding=Embedding("userSourcedId", json="resources", shape="refs"),
    content=(
        ref("userSourcedId", "users", required=True, json=""),
        ref("orgSourcedId", "orgs", json=""),
        ref("classSourcedId", "classes", json=""),
        ref("resourceSourcedId", "resources", required=True),
    ),
)
