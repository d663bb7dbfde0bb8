"""The operation of an endpoint: what its path leads to, what may be asked, what comes back, which scopes open it."""

from typing import Any

from api.collections import Collection, Endpoint
from api.openapi import answers, asking
from api.openapi.names import component, name, suffix, tag
from pipelines.oneroster import scopes


def operation(endpoint: Endpoint) -> dict[str, Any]:
    """GET of the endpoint."""
    edition = endpoint.collection.edition
    asked = asking.SINGLE if endpoint.single else asking.LISTING
    return {
        "operationId": operation_id(endpoint) + suffix(edition),
        "summary": _summary(endpoint),
        "tags": [tag(endpoint.collection.entity.service, edition)],
        "parameters": [*_path_parameters(endpoint), *asking.referred(asked)],
        "security": asking.demanded(scopes.opening(endpoint.collection.entity, nested=endpoint.nested)),
        "responses": {"200": _found(endpoint), **answers.unchanged(), **answers.failing(edition=edition)},
    }


def operation_id(endpoint: Endpoint) -> str:
    """The operation's name in the standard's documents.

    >>> from api.collections import BY_NAME as c
    >>> operation_id(Endpoint(c["students"], parents=(c["schools"], c["classes"])))
    'getStudentsForClassInSchool'
    """
    if endpoint.single:
        return f"get{name(endpoint.collection.singular)}"
    if not endpoint.nested:
        return f"getAll{name(endpoint.collection.name)}"
    outer, *inner = endpoint.parents
    below = "".join(f"For{name(parent.singular)}" for parent in reversed(inner))
    joint = "In" if inner and outer.entity.name == "orgs" else "For"
    return f"get{name(endpoint.collection.name)}{below}{joint}{name(outer.singular)}"


def _summary(endpoint: Endpoint) -> str:
    if endpoint.single:
        return f"One record of {_what(endpoint.collection)}"
    if not endpoint.nested:
        return f"All {_what(endpoint.collection)}"
    return f"The {endpoint.collection.name} of a {' and a '.join(parent.singular for parent in endpoint.parents)}"


def _what(collection: Collection) -> str:
    """A collection in words, with what sets its records apart."""
    condition = collection.condition
    if condition is None:
        return collection.name
    return f"{collection.name} ({collection.entity.name} with {condition.column} {condition.value})"


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    leading = endpoint.parents or (endpoint.collection,)
    return [
        asking.in_path(parameter, f"The sourcedId of a record of {collection.name}.")
        for parameter, collection in zip(endpoint.parameters, leading, strict=bool(endpoint.parameters))
    ]


def _found(endpoint: Endpoint) -> dict[str, Any]:
    entity = endpoint.collection.entity
    record = component(name(entity.singular, endpoint.collection.edition))
    if endpoint.single:
        return answers.json("The record.", answers.closed(**{entity.singular: record}), answers.RECORD)
    page = answers.closed(**{entity.name: {"type": "array", "items": record}})
    return answers.json("A page of records.", page, answers.LIST)
