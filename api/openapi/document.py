"""The whole document, put together from the declarations, and served at /openapi.json.

Paths are whole below the host, so that one document holds all services and editions; its two servers are the hub, which
serves the client's first source there, and any one source.
"""

from functools import partial
from typing import Any

from flask import Flask, Response

from api.addresses import OPENAPI, public_base
from api.collections import ALIAS, ENDPOINTS, V1P1_ENDPOINTS
from api.documents import HUB, Document
from api.editions import V1P2, Edition
from api.hub import Hub
from api.openapi import answers, asking, extensions, records
from api.openapi.names import Schema, tag
from api.openapi.operations import operation
from api.version import VERSION

_ABOUT = """\
Reads of OneRoster, by source. A source's data changes only by publications, which are counted: `X-Roster-Generation`.

* The paths as they are serve the first source that the client may read; below `/sources/{source}` they serve that one.
* Every GET answers HEAD too. Methods that are not described here are answered 405.
* Booleans are the strings `true` and `false`; what is not known is left out; dates and times are UTC.
* Every error has the standard's body, and an `X-Request-Id` by which the operator finds it in the log.
"""


DESCRIBED = (*ENDPOINTS, *V1P1_ENDPOINTS)
EDITIONS: tuple[Edition, ...] = tuple(dict.fromkeys(endpoint.collection.edition for endpoint in DESCRIBED))


def register(app: Flask, hub: Hub) -> None:
    """Add the URL."""
    view = partial(serve, hub, Document(partial(document, VERSION)))
    app.add_url_rule(OPENAPI, OPENAPI, view, methods=["GET"], provide_automatic_options=False)


def serve(hub: Hub, made: Document) -> Response:
    """The document with this hub's address; for anyone."""
    return made.answer(public_base(hub.settings))


def document(release: str) -> dict[str, Any]:
    """The OpenAPI 3.0 document of that release of RosterHub, with documents.HUB for the hub's address."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "RosterHub", "version": release, "description": _ABOUT},
        "servers": _servers(),
        "tags": [*_tags(), *extensions.tags()],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "parameters": asking.parameters(),
            "headers": answers.headers(),
            "responses": {name: told for one in EDITIONS for name, told in answers.responses(one).items()},
            "securitySchemes": asking.schemes(),
        },
    }


def _servers() -> list[dict[str, Any]]:
    named = {"default": "north", "description": "The source's name."}
    return [
        {"url": HUB, "description": "The first source that the client may read."},
        {"url": HUB + "/sources/{source}", "description": "One source.", "variables": {"source": named}},
    ]


def _tags() -> list[dict[str, str]]:
    return [
        {"name": tag(service, edition), "description": _about(service, edition)}
        for edition in EDITIONS
        for service in edition.bases
    ]


def _about(service: str, edition: Edition) -> str:
    told = f"The {service} service of OneRoster {edition.version}."
    return f"{told} The same paths answer at `{ALIAS}`." if (service, edition) == ("rostering", V1P2) else told


def _paths() -> dict[str, Any]:
    """The standard's endpoints, then what is only at the hub's own address."""
    found: dict[str, Any] = {endpoint.template: {"get": operation(endpoint)} for endpoint in DESCRIBED}
    for path, item in extensions.paths().items():
        found[path] = {"servers": [{"url": HUB}], **item}
    return found


def _schemas() -> dict[str, Schema]:
    found: dict[str, Schema] = extensions.components()
    for edition in EDITIONS:
        found |= answers.components(edition) | records.components(edition)
    return found
