"""How a single value is written in JSON, by Kind (REST binding 1.2, OpenAPI schemas; guide 4).

A converter is None where the value goes out as it came. Values that are null or an empty list never get here.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from pipelines.oneroster import registry
from pipelines.oneroster.entity import Column, Entity, Kind
from pipelines.oneroster.vocabularies import EXTENSION_PREFIX, OBJECTIVE_SOURCE

Convert = Callable[[Any], Any]
GuidRef = dict[str, str]
Urls = Callable[[str], str]  # the name of an entity → the URL of its collection

_REFERENCES = 1_000  # kept per target and URL base: pages name the same few orgs and classes again and again

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*")


def converter(column: Column, urls: Urls) -> Convert | None:
    """What turns that column's stored values into JSON; `urls` tells what hrefs start with."""
    return CONVERTERS[column.kind](column, urls)


def _as_it_is(column: Column, urls: Urls) -> None:
    return None


def _never(column: Column, urls: Urls) -> Convert:
    raise ValueError(f"{column.name} is a secret: it is not stored, and so never served")


def _term(column: Column, urls: Urls) -> Convert | None:
    return objective_source if column.vocabulary is OBJECTIVE_SOURCE else None


def _boolean(column: Column, urls: Urls) -> Convert:
    return {True: "true", False: "false"}.__getitem__


def _date(column: Column, urls: Urls) -> Convert:
    return midnight if column.as_datetime else date.isoformat


def _year(column: Column, urls: Urls) -> Convert:
    return "{:04d}".format


def _pairs(column: Column, urls: Urls) -> Convert:
    left, right = column.json_keys

    def split(item: str) -> dict[str, str]:
        before, _, after = item.partition(":")
        return {left: before, right: after}

    return lambda items: [split(item) for item in items]


def _ref(column: Column, urls: Urls) -> Convert:
    return uri if column.as_uri else reference(registry.named(column.to), urls)


def _refs(column: Column, urls: Urls) -> Convert:
    refer = reference(registry.named(column.to), urls)
    return lambda ids: [refer(id) for id in ids]


CONVERTERS: dict[Kind, Callable[[Column, Urls], Convert | None]] = {
    Kind.ID: _as_it_is,
    Kind.TEXT: _as_it_is,
    Kind.SECRET: _never,
    Kind.ENUM: _term,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _as_it_is,  # only dateLastModified, which comes as text from the ledger
    Kind.YEAR: _year,
    Kind.INTEGER: _as_it_is,
    Kind.FLOAT: _as_it_is,
    Kind.WORDS: _as_it_is,
    Kind.ENUMS: _as_it_is,
    Kind.PAIRS: _pairs,
    Kind.REF: _ref,
    Kind.REFS: _refs,
}


def reference(entity: Entity, urls: Urls) -> Callable[[str], GuidRef]:
    """What makes a GUIDRef of an id: its type is the entity's, never the name of a filtered collection."""
    start = f"{urls(entity.name)}/"
    kind = entity.singular

    @lru_cache(_REFERENCES)
    def refer(id: str) -> GuidRef:
        return {"href": start + encoded(id), "sourcedId": id, "type": kind}

    return refer


def references(ids: Sequence[str], refer: Callable[[str], GuidRef]) -> list[GuidRef]:
    """GUIDRefs that come from several places: each once, in the order of their ids."""
    return [refer(id) for id in sorted(set(ids))]


def encoded(id: str) -> str:
    """An id as one segment of a URL.

    >>> encoded("a/b@c")
    'a%2Fb%40c'
    """
    return id if _UNRESERVED.fullmatch(id) else quote(id, safe="")


def uri(id: str) -> str:
    """An id where REST wants a URI.

    >>> uri("staff 7")
    'urn:rosterhub:staff%207'
    """
    return f"urn:uuid:{id}" if _UUID.fullmatch(id) else f"urn:rosterhub:{encoded(id)}"


def midnight(day: date) -> str:
    """A Date of CSV where REST has a dateTime."""
    return f"{day.isoformat()}T00:00:00.000Z"


def objective_source(term: str) -> str:
    """`ext:` terms in the form that the OpenAPI pattern ^/(?!case$)(?!unknown$)[a-z0-9]+$ leaves.

    A name of which nothing would be left, or a term of the vocabulary, is kept apart by `ext` before it.

    >>> objective_source("case"), objective_source("ext:State-Board.2"), objective_source("ext:case")
    ('case', '/stateboard2', '/extcase')
    """
    if not term.startswith(EXTENSION_PREFIX):
        return term
    name = re.sub("[^a-z0-9]", "", term.removeprefix(EXTENSION_PREFIX).lower())
    return f"/ext{name}" if name in {"", *OBJECTIVE_SOURCE.terms} else f"/{name}"
