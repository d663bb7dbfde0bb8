"""How the declarations hang together, and the names and ids that are derived from them."""

import uuid

import pytest

from pipelines.oneroster import registry, v1p1
from pipelines.oneroster.entity import Entity, Kind, snake_case
from pipelines.oneroster.manifest import SPELLINGS, Version
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.oneroster.v1p0 import old_columns

every_entity = pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)

# users and roles require each other; userProfiles are optional there.
BEFORE_THEIR_TARGETS = {("users", "resources")}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("status", "status"),
        ("sourcedId", "sourced_id"),
        ("dateLastModified", "date_last_modified"),
        ("lineItemLearningObjectiveIds", "line_item_learning_objective_ids"),
        ("americanIndianOrAlaskaNative", "american_indian_or_alaska_native"),
    ],
)
def test_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


@every_entity
def test_derived_names_do_not_collide(entity: Entity) -> None:
    taken = {"source", "sourced_id", "status", "publication_id", "sent_date_last_modified", "metadata", "dangling"}
    fields = [column.field for column in entity.content]

    assert len(set(fields)) == len(fields)
    assert not taken & set(fields)


def test_tables_are_named_once() -> None:
    assert len({entity.table for entity in ENTITIES}) == len(ENTITIES) == len(BY_NAME) == 21


@pytest.mark.parametrize("version", list(Version))
def test_a_file_comes_after_those_that_its_references_name(version: Version) -> None:
    seen: set[str] = set()
    for entity in version.entities:
        seen.add(entity.name)
        late = {column.to for column in entity.references if column.to not in seen}
        assert {(entity.name, target) for target in late} <= BEFORE_THEIR_TARGETS
        assert not {column.to for column in entity.references if column.required} - seen
        assert not entity.id_to or entity.id_to in seen


@every_entity
def test_references_lead_to_entities_and_vocabularies_belong_to_enums(entity: Entity) -> None:
    for column in entity.columns:
        assert (column.to in BY_NAME) is (column.kind in (Kind.REF, Kind.REFS))
        assert (column.vocabulary is not None) is (column.kind in (Kind.ENUM, Kind.ENUMS))
        assert all(column.json_keys) is (column.kind is Kind.PAIRS)


@every_entity
def test_secrets_are_neither_stored_nor_served(entity: Entity) -> None:
    secrets = [column for column in entity.columns if column.kind is Kind.SECRET]

    assert not set(secrets) & set(entity.stored)
    assert not any(column.json for column in secrets)
    assert all(column.name == "password" for column in secrets)
    assert ("password" in entity.header) is bool(secrets)


def test_owners() -> None:
    assert registry.owner_of(BY_NAME["users"]) is None
    assert registry.owner_of(BY_NAME["roles"]) is BY_NAME["users"]
    assert registry.owner_of(BY_NAME["resultScoreScales"]) is BY_NAME["results"]


def test_embedded_entities_in_load_order() -> None:
    names = [entity.name for entity in registry.embedded_in(BY_NAME["users"])]

    assert names == ["userProfiles", "roles", "userResources"]
    assert registry.embedded_in(BY_NAME["enrollments"]) == ()


@every_entity
def test_owner_of_and_embedded_in_agree(entity: Entity) -> None:
    owner = registry.owner_of(entity)

    assert (owner is not None) is (entity.embedding is not None)
    assert owner is None or entity in registry.embedded_in(owner)


def test_references_to() -> None:
    assert {(entity.name, column.name) for entity, column in registry.references_to(BY_NAME["scoreScales"])} == {
        ("lineItemScoreScales", "scoreScaleSourcedId"),
        ("resultScoreScales", "scoreScaleSourcedId"),
    }


def test_a_derived_role_has_the_same_id_at_every_delivery() -> None:
    assert v1p1.derived_role_id("u1", "o1", "student") == "81df887b-d075-5e96-9d7b-c03ca2ef8e89"
    assert uuid.UUID(v1p1.derived_role_id("u1", "o1", "student")).version == 5


def test_derived_roles_of_different_parts_differ() -> None:
    parts = [("ab", "c", "d"), ("a", "bc", "d"), ("a", "b", "cd"), ("ab", "c", "e")]

    assert len({v1p1.derived_role_id(*one) for one in parts}) == len(parts)


def test_every_spelling_of_a_version_is_one_of_those_read() -> None:
    assert {SPELLINGS[version.value] for version in Version} == set(SPELLINGS.values()) == set(Version)


def test_columns_of_1_0_are_told_from_extra_columns() -> None:
    assert old_columns(("sourcedId", "Grade ", "userId")) == ["Grade", "userId"]
    assert old_columns(("sourcedId", "grade", "grades", "userIds")) == []
