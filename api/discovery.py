"""The standard's OpenAPI documents as OneRoster's discovery serves them: `{base}/discovery/{file}`, without a token.

A discovery document tells a client what this provider offers. So the official text is kept, and changed where it would
be untrue of this hub: `servers` and `tokenUrl` are the hub's own, and operations that it does not serve (the
gradebook's PUT, POST and DELETE) and scopes that only they need are left out. The hub's own description of
everything it serves is in openapi.
"""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from importlib import resources
from typing import Any

from flask import Flask, Response

from api import errors
from api.addresses import TOKEN, public_base
from api.collections import ALIAS, ENDPOINTS, service_base
from api.documents import HUB, ROSTER, Document
from api.hub import Hub
from pipelines.contract import is_source_name

_FOLDER = "api.discovery_documents"

# By service: the binding's name of the document, which is the shipped file's, and the conformance guide's.
FILES: dict[str, tuple[str, str]] = {
    "rostering": ("onerosterv1p2rostersservice_openapi3_v1p0.json", "imsorv1p2_rostering_openapi3_v1p0.json"),
    "resources": ("onerosterv1p2resourcesservice_openapi3_v1p0.json", "imsorv1p2_resources_openapi3_v1p0.json"),
    "gradebook": ("onerosterv1p2gradebookservice_openapi3_v1p0.json", "imsorv1p2_gradebook_openapi3_v1p0.json"),
}

_BASES = (*((service, service_base(service)) for service in FILES), ("rostering", ALIAS))


def register(app: Flask, hub: Hub) -> None:
    """Add every document's URLs: two names, with and without a source, and rostering's at its alias too."""
    for service, path in _BASES:
        document = Document(partial(localised, service, path))
        view = partial(serve, hub, document)
        for rule in _rules(service, path):
            app.add_url_rule(rule, rule, view, methods=["GET"], provide_automatic_options=False)


def paths() -> tuple[str, ...]:
    """Where the documents lie, under the binding's names and at the services' own bases."""
    return tuple(f"{service_base(service)}/discovery/{names[0]}" for service, names in FILES.items())


def serve(hub: Hub, document: Document, source: str = "") -> Response:
    """The document for one source's base. Whether there is such a source is nobody's to learn without a key."""
    if source and not is_source_name(source):
        raise errors.not_found("The source")
    base = public_base(hub.settings)
    return document.answer(base, f"{base}/sources/{source}" if source else base)


def localised(service: str, path: str) -> Mapping[str, Any]:
    """The service's document for its base at that path of the hub."""
    document = official(service)
    document["servers"] = [{"url": ROSTER + path, "description": "This hub."}]
    document["paths"] = _served(service, document["paths"])
    flow = document["components"]["securitySchemes"]["OAuth2CC"]["flows"]["clientCredentials"]
    flow["tokenUrl"] = HUB + TOKEN
    needed = set(_scopes(document["paths"]))
    flow["scopes"] = {scope: text for scope, text in flow["scopes"].items() if scope in needed}
    return document


def official(service: str) -> dict[str, Any]:
    """The document as 1EdTech published it."""
    text = (resources.files(_FOLDER) / FILES[service][0]).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _rules(service: str, path: str) -> Iterator[str]:
    for name in FILES[service]:
        for prefix in ("", "/sources/<source>"):
            yield f"{prefix}{path}/discovery/{name}"


def _served(service: str, described: Mapping[str, Any]) -> dict[str, Any]:
    """The GET operations of the paths that there are endpoints for."""
    base = service_base(service)
    served = {endpoint.template for endpoint in ENDPOINTS}
    return {path: {"get": item["get"]} for path, item in described.items() if base + path in served}


def _scopes(described: Mapping[str, Any]) -> Iterator[str]:
    for item in described.values():
        for requirement in item["get"]["security"]:
            for scopes in requirement.values():
                yield from scopes
