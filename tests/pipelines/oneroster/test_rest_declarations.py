"""The declarations against the schemas of the official OpenAPI files: what REST shows it may, and must, show."""

import functools
import json
from typing import Any

import pytest

from pipelines.oneroster import registry
from pipelines.oneroster.entity import LIFECYCLE_NAMES, LISTS, Column, Entity, Kind
from pipelines.oneroster.vocabularies import BOOLEAN, EXTENSION_PREFIX
from tests import shared

Facts = dict[str, Any]

OPENAPI = {
    "rostering": "onerosterv1p2rostersservice_openapi3_v1p0.json",
    "resources": "onerosterv1p2resourcesservice_openapi3_v1p0.json",
    "gradebook": "onerosterv1p2gradebookservice_openapi3_v1p0.json",
}


@functools.cache
def _schemas(service: str) -> Facts:
    return json.loads(shared.standard(f"openapi/{OPENAPI[service]}").read_text())["components"]["schemas"]


def _resolved(service: str, schema: Facts) -> Facts:
    reference = schema.get("$ref")
    return _schemas(service)[reference.rsplit("/", 1)[1]] if reference else schema


def _schema(entity: Entity) -> Facts:
    return _schemas(entity.service)[entity.singular[0].upper() + entity.singular[1:] + "DType"]


def _property(entity: Entity, json_name: str) -> Facts:
    """The schema of a property; `credentials.type` is one of an object in a list."""
    schema = _schema(entity)
    *outer, name = json_name.split(".")
    for part in outer:
        schema = _resolved(entity.service, schema["properties"][part]["items"])
    return _resolved(entity.service, schema["properties"][name])


# Links and learning objectives have no schema of their own.
WITH_SCHEMA = [one for one in registry.ENTITIES if one.embedding is None or one.embedding.shape == "objects"]


def _served(entity: Entity) -> list[Column]:
    """The columns that REST shows; of a row in another record it shows no lifecycle."""
    hidden = LIFECYCLE_NAMES if entity.embedding else ()
    return [column for column in entity.columns if column.json and column.name not in hidden]


SERVED = [(entity, column) for entity in WITH_SCHEMA for column in _served(entity)]


def _name(value: Entity | Column) -> str:
    return value.name


@pytest.mark.parametrize(("entity", "column"), SERVED, ids=_name)
def test_every_property_is_in_the_schema_with_a_type_that_takes_it(entity: Entity, column: Column) -> None:
    names = {column.json, column.json_by_type[1]} - {""}

    for name in names:
        schema = _property(entity, name)
        if column.kind in LISTS:
            assert schema["type"] == "array"
            schema = _resolved(entity.service, schema["items"])
        _assert_takes(schema, column)


def _assert_takes(schema: Facts, column: Column) -> None:
    if column.as_uri:
        assert (schema["type"], schema["format"]) == ("string", "uri")
    elif column.kind in (Kind.REF, Kind.REFS):
        assert registry.BY_NAME[column.to].singular in schema["properties"]["type"]["enum"]
    elif column.kind is Kind.PAIRS:
        assert set(column.json_keys) == set(schema["properties"])
    elif column.kind in (Kind.INTEGER, Kind.FLOAT):
        assert schema["type"] in ("number", "integer")
    elif column.kind in (Kind.ENUM, Kind.ENUMS):
        _assert_takes_terms(schema, column)
    else:
        assert schema["type"] == "string"
        assert schema.get("format") == _format(column)
        assert schema.get("enum") == (list(BOOLEAN.terms) if column.kind is Kind.BOOLEAN else None)


def _assert_takes_terms(schema: Facts, column: Column) -> None:
    assert column.vocabulary is not None
    alternatives = schema.get("anyOf", [schema])
    terms = {term for alternative in alternatives for term in alternative.get("enum", ())}

    assert terms == set(column.vocabulary.terms)
    assert column.vocabulary.extensible is any(EXTENSION_PREFIX in one.get("pattern", "") for one in alternatives)


def _format(column: Column) -> str | None:
    if column.kind is Kind.DATETIME or column.as_datetime:
        return "date-time"
    return "date" if column.kind is Kind.DATE else None


def _always_served(entity: Entity) -> set[str]:
    """The properties that every record has."""
    columns = {column.json for column in entity.columns if column.required or column.json_always}
    lists = {one.embedding.json for one in registry.embedded_in(entity) if one.embedding and one.embedding.always_some}
    own_id = {entity.embedding.id_json} if entity.embedding else set()
    return columns | lists | own_id | {"status", "dateLastModified"}


@pytest.mark.parametrize("entity", WITH_SCHEMA, ids=_name)
def test_every_required_property_is_always_served(entity: Entity) -> None:
    assert set(_schema(entity).get("required", ())) <= _always_served(entity)


@pytest.mark.parametrize("entity", [one for one in registry.ENTITIES if one.embedding], ids=_name)
def test_what_is_embedded_is_a_property_of_its_owner(entity: Entity) -> None:
    owner = registry.owner_of(entity)
    assert owner is not None
    assert entity.embedding is not None
    schema = _schema(owner)["properties"][entity.embedding.json]

    if entity.embedding.shape == "ref":
        assert "GUIDRef" in schema["$ref"]
    else:
        assert schema["type"] == "array"
    if entity.embedding.shape == "refs":
        assert "GUIDRef" in schema["items"]["$ref"]
    if entity.embedding.shape == "groups":
        items = _resolved(owner.service, schema["items"])
        assert {"source", entity.embedding.group} == set(items["properties"])
