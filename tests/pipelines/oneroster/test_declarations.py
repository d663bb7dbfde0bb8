"""The declarations against the tables of the CSV binding, column by column, for both versions."""

import functools
from typing import Any

import pytest
import yaml

from pipelines.oneroster import manifest, v1p1
from pipelines.oneroster.entity import LIFECYCLE_NAMES, Column, Entity, Kind
from pipelines.oneroster.manifest import Mode, Version
from pipelines.oneroster.vocabularies import BOOLEAN
from tests import shared

Facts = dict[str, Any]

TABLES = {Version.V1P1: "csv-v1p1.yaml", Version.V1P2: "csv-v1p2.yaml"}

TYPES: dict[Kind, set[str]] = {
    Kind.ID: {"guid"},
    Kind.TEXT: {"string", "id"},
    Kind.SECRET: {"string"},
    Kind.ENUM: {"enum"},
    Kind.BOOLEAN: {"enum"},
    Kind.DATE: {"date"},
    Kind.DATETIME: {"datetime"},
    Kind.YEAR: {"year"},
    Kind.INTEGER: {"integer"},
    Kind.FLOAT: {"float"},
    Kind.WORDS: {"string_list"},
    Kind.ENUMS: {"enum_list"},
    Kind.PAIRS: {"string_list"},
    Kind.REF: {"guid_ref", "guid"},  # userProfiles.userSourcedId has the format GUID, and names users all the same
    Kind.REFS: {"guid_ref_list"},
}

COLUMNS = [(version, entity, column) for version in Version for entity in version.entities for column in entity.columns]
FILES = [(version, entity) for version in Version for entity in version.entities]


def _name(value: Any) -> str:
    return value.value if isinstance(value, Version) else str(getattr(value, "name", value))


every_column = pytest.mark.parametrize(("version", "entity", "column"), COLUMNS, ids=_name)
every_file = pytest.mark.parametrize(("version", "entity"), FILES, ids=_name)


@functools.cache
def _facts(version: Version) -> Facts:
    return yaml.load(shared.standard(TABLES[version]).read_text(), yaml.CSafeLoader)


def _table(version: Version, entity: Entity) -> Facts:
    return _facts(version)["files"][f"{entity.name}.csv"]


def _column(version: Version, entity: Entity, column: Column) -> Facts:
    return next(one for one in _table(version, entity)["columns"] if one["name"] == column.name)


def test_every_kind_has_a_type() -> None:
    assert set(TYPES) == set(Kind)


@pytest.mark.parametrize("version", list(Version))
def test_the_files(version: Version) -> None:
    assert {f"{entity.name}.csv" for entity in version.entities} == set(_facts(version)["files"])


@every_file
def test_the_service(version: Version, entity: Entity) -> None:
    assert entity.service == _table(version, entity)["service"]


@every_file
def test_the_columns_in_order(version: Version, entity: Entity) -> None:
    assert entity.header == tuple(one["name"] for one in _table(version, entity)["columns"])


@every_file
def test_the_header_variants(version: Version, entity: Entity) -> None:
    table = _table(version, entity)
    variants = table.get("header_variants") or {"": table.get("header") or table["header_1_2_1"]}

    assert set(entity.headers) == {tuple(header) for header in variants.values()}


@every_column
def test_the_type(version: Version, entity: Entity, column: Column) -> None:
    assert _column(version, entity, column)["type"] in TYPES[column.kind]


@every_column
def test_requiredness(version: Version, entity: Entity, column: Column) -> None:
    fact = _column(version, entity, column)

    if column.name in LIFECYCLE_NAMES[1:]:
        assert (fact["bulk"], fact["delta"]) == ("must_be_blank", "required")
    else:
        required = "required" if column.required else "optional"
        assert (fact["bulk"], fact["delta"]) == (required, required)


@every_column
def test_the_vocabulary(version: Version, entity: Entity, column: Column) -> None:
    fact = _column(version, entity, column)
    declared = column.vocabulary.terms if column.vocabulary else ()
    extensible = column.vocabulary.extensible if column.vocabulary else False

    assert set(BOOLEAN.terms if column.kind is Kind.BOOLEAN else declared) == set(fact.get("enum", ()))
    assert extensible is fact.get("extensible", False)


@every_column
def test_the_reference(version: Version, entity: Entity, column: Column) -> None:
    target = entity.id_to if column.kind is Kind.ID else column.to

    assert (f"{target}.csv" if target else None) == _column(version, entity, column).get("ref")


def test_pairs_are_the_columns_whose_items_have_a_pattern() -> None:
    for version, entity, column in COLUMNS:
        assert (column.kind is Kind.PAIRS) is ("item_pattern" in _column(version, entity, column)), column.name


@pytest.mark.parametrize("version", list(Version))
def test_the_manifest(version: Version) -> None:
    facts = _facts(version)["manifest"]
    properties = {one["name"]: one for one in facts["properties"]}
    required = {name for name, one in properties.items() if one["required"]}

    assert list(manifest.HEADER) == facts["header"]
    assert facts["file"] == manifest.FILE_NAME
    versions = {manifest.MANIFEST_VERSION, manifest.ONEROSTER_VERSION}
    assert required == {*versions, *manifest.file_properties(version)}
    assert set(properties) - required == set(manifest.SYSTEM_PROPERTIES)
    assert properties[manifest.MANIFEST_VERSION]["value"] == manifest.MANIFEST_VERSION_VALUE
    assert properties[manifest.ONEROSTER_VERSION]["value"] == version.value
    assert all(set(properties[name]["enum"]) == set(Mode) for name in manifest.file_properties(version))


def test_files_added_in_1_2() -> None:
    assert {f"{name}.csv" for name in v1p1.ADDED_IN_1_2} == set(_facts(Version.V1P1)["not_in_1_1"])
