"""The JSON Schema of a single value, by Kind: what `api.rendering.values` writes, described."""

from collections.abc import Callable

from api.openapi.names import Schema, component, name
from pipelines.oneroster.entity import Column, Kind
from pipelines.oneroster.registry import named
from pipelines.oneroster.vocabularies import BOOLEAN, EXTENSION_PATTERN, OBJECTIVE_SOURCE, Vocabulary

TEXT: Schema = {"type": "string"}
DATE_TIME: Schema = {"type": "string", "format": "date-time", "example": "2026-08-01T04:05:06.000Z"}
URI: Schema = {"type": "string", "format": "uri"}

_OBJECTIVE_PATTERN = "^/(?!case$)(?!unknown$)[a-z0-9]+$"  # what the official schema leaves of `ext:` there


def value(column: Column) -> Schema:
    """What that column is served as, where it is served at all."""
    return SCHEMAS[column.kind](column)


def reference(to: str) -> Schema:
    """A GUIDRef to a record of that entity."""
    return component(name(f"{named(to).singular}Ref"))


def listed(item: Schema) -> Schema:
    """An array that is left out rather than empty."""
    return {"type": "array", "items": item, "minItems": 1}


def _text(column: Column) -> Schema:
    return dict(TEXT)


def _never(column: Column) -> Schema:
    raise ValueError(f"{column.name} is a secret: it is not stored, and so never served")


def _enum(column: Column) -> Schema:
    if column.vocabulary is OBJECTIVE_SOURCE:
        return _terms(OBJECTIVE_SOURCE, _OBJECTIVE_PATTERN)
    return _terms(column.vocabulary or Vocabulary("", ()), EXTENSION_PATTERN)


def _terms(vocabulary: Vocabulary, extension: str) -> Schema:
    closed: Schema = {"type": "string", "enum": list(vocabulary.terms)}
    if not vocabulary.extensible:
        return closed
    return {"anyOf": [closed, {"type": "string", "pattern": extension}]}


def _boolean(column: Column) -> Schema:
    return {"type": "string", "enum": list(BOOLEAN.terms)}


def _date(column: Column) -> Schema:
    return dict(DATE_TIME) if column.as_datetime else {"type": "string", "format": "date", "example": "2026-04-01"}


def _date_time(column: Column) -> Schema:
    return dict(DATE_TIME)


def _year(column: Column) -> Schema:
    return {"type": "string", "pattern": "^[0-9]{4}$", "example": "2027"}


def _integer(column: Column) -> Schema:
    return {"type": "integer"}


def _float(column: Column) -> Schema:
    return {"type": "number"}


def _words(column: Column) -> Schema:
    return listed(TEXT)


def _enums(column: Column) -> Schema:
    return listed(_enum(column))


def _pairs(column: Column) -> Schema:
    return listed(
        {
            "type": "object",
            "properties": dict.fromkeys(column.json_keys, TEXT),
            "required": list(column.json_keys),
            "additionalProperties": False,
        }
    )


def _ref(column: Column) -> Schema:
    return dict(URI) if column.as_uri else reference(column.to)


def _refs(column: Column) -> Schema:
    return listed(reference(column.to))


SCHEMAS: dict[Kind, Callable[[Column], Schema]] = {
    Kind.ID: _text,
    Kind.TEXT: _text,
    Kind.SECRET: _never,
    Kind.ENUM: _enum,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _date_time,
    Kind.YEAR: _year,
    Kind.INTEGER: _integer,
    Kind.FLOAT: _float,
    Kind.WORDS: _words,
    Kind.ENUMS: _enums,
    Kind.PAIRS: _pairs,
    Kind.REF: _ref,
    Kind.REFS: _refs,
}
