"""The fourteen files of OneRoster 1.1, declared as differences from 1.2, and what becomes of either in the other.

The frames are upgraded in `pipelines.staged.upgrading`, and `api.query.relations` reads the 1.2 model back as 1.1; here
are the facts (1.2 CSV text, "changes since 1.1").
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipelines.oneroster import registry
from pipelines.oneroster.entity import Column, Entity, enum, ref, refs
from pipelines.oneroster.vocabularies import ROLE_V1P1, SEX

ADDED_IN_1_2 = (
    "roles",
    "userProfiles",
    "userResources",
    "scoreScales",
    "lineItemScoreScales",
    "resultScoreScales",
    "lineItemLearningObjectiveIds",
    "resultLearningObjectiveIds",
)

COLUMNS_ADDED_IN_1_2: dict[str, tuple[str, ...]] = {
    "users": (
        "userMasterIdentifier",
        "resourceSourcedIds",
        "preferredGivenName",
        "preferredMiddleName",
        "preferredFamilyName",
        "primaryOrgSourcedId",
        "pronouns",
    ),
    "categories": ("weight",),
    "lineItems": ("academicSessionSourcedId", "schoolSourcedId"),
    "results": ("textScore", "classSourcedId", "inProgress", "incomplete", "late", "missing"),
}

COLUMNS_REMOVED_IN_1_2: dict[str, dict[str, tuple[Column, ...]]] = {  # entity: {column it follows: columns}
    "users": {
        "enabledUser": (
            refs("orgSourcedIds", "orgs", json="orgs", required=True),
            enum("role", ROLE_V1P1, required=True),
        )
    },
    "lineItems": {"categorySourcedId": (ref("gradingPeriodSourcedId", "academicSessions", required=True),)},
}

REQUIRED_IN_1_1 = {"lineItems": ("resultValueMin", "resultValueMax"), "results": ("score",)}

SEX_V1P1 = replace(SEX, terms=("male", "female"), extensible=False)

# (role of 1.1, org type) -> role of 1.2; any other org type gives ext:administrator
ADMINISTRATOR_BY_ORG_TYPE = {"district": "districtAdministrator", "school": "siteAdministrator"}
ADMINISTRATOR_ELSEWHERE = "ext:administrator"


@dataclass(frozen=True, slots=True)
class Wording:
    """How 1.1 says terms of 1.2 that it does not have: as `renamed` tells, all others as `rest` ("": not at all)."""

    rest: str
    renamed: Mapping[str, str] = field(default_factory=dict)


_ADMINISTRATORS = (
    *ADMINISTRATOR_BY_ORG_TYPE.values(),
    ADMINISTRATOR_ELSEWHERE,
    "systemAdministrator",
    "principal",
)

# By entity and column, for every word list that is longer or extensible in 1.2. Clients of 1.1 refuse whole pages over
# a word that they do not know, so what has to be there gets the word that promises least: an aide is "NOT also one of
# the other roles" (1.1, RoleType) and so fits counselors and whatever `ext:` may say; a semester is in neither /terms
# nor /gradingPeriods; a proctor neither teaches nor learns.
WORDINGS: dict[tuple[str, str], Wording] = {
    ("users", "role"): Wording("aide", dict.fromkeys(_ADMINISTRATORS, "administrator")),
    ("enrollments", "role"): Wording("proctor"),
    ("academicSessions", "type"): Wording("semester"),
    ("classes", "classType"): Wording("scheduled"),
    ("orgs", "type"): Wording("local"),
    ("demographics", "sex"): Wording(""),
}

# Derived roles rows need ids that are the same at every delivery.
ROLE_ID_NAMESPACE = uuid.UUID("6f1d1f62-6a8e-5b0e-9a37-0d3c3b1f4c11")


def derived_role_id(user: str, org: str, role: str) -> str:
    """The sourcedId of the roles row that stands for a user's 1.1 role at one org (uuid5: stable)."""
    return str(uuid.uuid5(ROLE_ID_NAMESPACE, "\x1f".join((user, org, role))))


def _downgraded(entity: Entity) -> Entity:
    content: list[Column] = []
    for column in entity.content:
        if column.name not in COLUMNS_ADDED_IN_1_2.get(entity.name, ()):
            content.append(_column_of_1_1(entity, column))
        content.extend(COLUMNS_REMOVED_IN_1_2.get(entity.name, {}).get(column.name, ()))
    return replace(entity, content=tuple(content))


def _column_of_1_1(entity: Entity, column: Column) -> Column:
    required = column.required or column.name in REQUIRED_IN_1_1.get(entity.name, ())
    vocabulary = column.vocabulary.closed() if column.vocabulary else None
    if (entity.name, column.name) == ("demographics", "sex"):
        vocabulary = SEX_V1P1
    return replace(column, required=required, vocabulary=vocabulary, missing_in=())


ENTITIES: tuple[Entity, ...] = tuple(
    _downgraded(entity) for entity in registry.ENTITIES if entity.name not in ADDED_IN_1_2
)
BY_NAME: dict[str, Entity] = {entity.name: entity for entity in ENTITIES}
