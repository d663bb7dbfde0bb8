"""What the hub has beside the standard's endpoints: tokens, the change feed, probes, documents. By path."""

from typing import Any

from api import discovery, probes
from api.addresses import CHANGES, OPENAPI, TOKEN
from api.openapi import answers, asking
from api.openapi.names import Schema, component
from api.openapi.values import TEXT
from pipelines.contract import SOURCE_PATTERN, ChangeKind
from pipelines.oneroster.scopes import SCOPES

CHANGE = "Change"

_DOCUMENT: Schema = {"type": "object"}
_PUBLIC: list[dict[str, list[str]]] = []  # needs no credentials


def paths() -> dict[str, Any]:
    """The operations, by path and method."""
    found = {TOKEN: {"post": _token()}, CHANGES.replace("<", "{").replace(">", "}"): {"get": _changes()}}
    for path, summary in (
        (probes.LIVE, "Whether the process answers"),
        (probes.READY, "Whether requests can be served"),
        (probes.HEALTH, "How the database and Redis do, and what is served"),
    ):
        failing = {"503": answers.json("They cannot.", _DOCUMENT)} if path != probes.LIVE else {}
        found[path] = {"get": _public("state", summary, failing)}
    for path in (*discovery.paths(), OPENAPI):
        found[path] = {"get": _public("documents", "An OpenAPI document, localised", answers.unchanged())}
    return found


def tags() -> list[dict[str, str]]:
    """The groups of these operations, with a word on each."""
    return [
        {"name": "access", "description": "Tokens for the credentials that the hub's operator gives out."},
        {"name": "changes", "description": "What each publication changed, for those who want events."},
        {"name": "state", "description": "For monitoring; no credentials are needed."},
        {"name": "documents", "description": "Descriptions of the services; no credentials are needed."},
    ]


def components() -> dict[str, Schema]:
    """The schemas that the operations refer to."""
    return {CHANGE: _change()}


def _public(tag: str, summary: str, more: dict[str, Any]) -> dict[str, Any]:
    found = answers.json("What was asked for.", _DOCUMENT)
    return {"summary": summary, "tags": [tag], "security": _PUBLIC, "responses": {"200": found, **more}}


def _token() -> dict[str, Any]:
    body = answers.closed(
        grant_type={"type": "string", "enum": ["client_credentials"]},
        scope={
            "type": "string",
            "description": "Scopes of 1.2 or 1.1, with spaces between. Without it: all that the client has.",
        },
        client_id=TEXT,
        client_secret=TEXT,
    ) | {"required": ["grant_type"]}
    oauth_error = answers.closed(error=TEXT, error_description=TEXT) | {"required": ["error"]}
    return {
        "operationId": "createToken",
        "summary": "A bearer token (OAuth 2.0 client credentials)",
        "description": "The client names itself by HTTP Basic, or by client_id and client_secret in the body.",
        "tags": ["access"],
        "security": [{asking.BASIC: []}, {}],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {"schema": body},
                "application/json": {"schema": body},
            },
        },
        "responses": {
            "200": answers.json("The token.", _issued()),
            "400": answers.json("The request cannot be granted (RFC 6749, section 5.2).", oauth_error),
            "401": answers.json("The client is unknown or its secret wrong.", oauth_error),
            "503": answers.json(
                "Tokens are not issued at the moment.", {"oneOf": [oauth_error, answers.status_info()]}
            ),
            **answers.failing((413, 414, 429, 500)),
        },
    }


def _issued() -> Schema:
    return answers.closed(
        access_token=TEXT,
        token_type={"type": "string", "enum": ["Bearer"]},
        expires_in={"type": "integer", "description": "Seconds."},
        scope={"type": "string", "example": SCOPES[0].uri},
    )


def _changes() -> dict[str, Any]:
    since = {
        "name": "since",
        "in": "query",
        "required": True,
        "description": "The generation that the client has, as X-Roster-Generation or the feed told it; 0: none.",
        "schema": {"type": "integer", "format": "int64", "minimum": 0},
    }
    page = answers.closed(
        changes={"type": "array", "items": component(CHANGE)},
        generation={"type": "integer", "description": "Where the feed ends now: the next `since`."},
    )
    return {
        "operationId": "getChanges",
        "summary": "What publications changed since a generation",
        "tags": ["changes"],
        "parameters": [
            asking.in_path("source", "A source that the client may read.", source()),
            since,
            *asking.referred(("limit", "after")),
        ],
        "security": [{asking.OAUTH: []}, {asking.KEY: []}, {asking.BASIC: []}],
        "responses": {
            "200": answers.json(
                "A page of changes, oldest first. Clients limited to organisations are told of the records that they"
                " see, without X-Total-Count.",
                page,
                answers.LIST,
            ),
            **answers.unchanged(),
            **answers.failing((*answers.READING, 410)),
        },
    }


def source() -> Schema:
    """The name of a source."""
    return {"type": "string", "pattern": f"^{SOURCE_PATTERN.pattern}$", "example": "north"}


def _change() -> Schema:
    return answers.closed(
        entity={"type": "string", "description": "What the record is, as in GUIDRefs.", "example": "user"},
        collection={"type": "string", "example": "users"},
        sourcedId=TEXT,
        kind={"type": "string", "enum": [kind.value for kind in ChangeKind]},
        generation={"type": "integer"},
        dateLastModified={"type": "string", "format": "date-time"},
        href={"type": "string", "format": "uri"},
    )
