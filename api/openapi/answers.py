"""What comes back beside the data: headers, and errors with the standard's body."""

from typing import Any

from api import errors
from api.editions import V1P2, Edition
from api.openapi.names import Schema, component, name

HEADERS: dict[str, tuple[str, Schema]] = {
    "X-Total-Count": ("How many records there are, on all pages together.", {"type": "integer"}),
    "Link": ("Other pages: rel first, prev, next, last (RFC 8288). Without next it is the last.", {"type": "string"}),
    "ETag": ("Send it as If-None-Match: 304 says that nothing has changed.", {"type": "string"}),
    "X-Roster-Generation": ("The number of the source's publication that was read.", {"type": "integer"}),
    "X-Request-Id": ("The request's id in the server's log; a client may send its own.", {"type": "string"}),
    "RateLimit-Limit": ("How many requests the client has in a window.", {"type": "integer"}),
    "RateLimit-Remaining": ("How many of them are left.", {"type": "integer"}),
    "RateLimit-Reset": ("Seconds until the window ends.", {"type": "integer"}),
    "Retry-After": ("Seconds after which to try again.", {"type": "integer"}),
    "WWW-Authenticate": ("What credentials are needed (RFC 6750).", {"type": "string"}),
}

_ALWAYS = ("X-Request-Id",)
_READ = ("ETag", "X-Roster-Generation", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", *_ALWAYS)
RECORD = _READ
LIST = ("X-Total-Count", "Link", *_READ)

# By status: when it is answered, and the headers that come with it.
ERRORS: dict[int, tuple[str, tuple[str, ...]]] = {
    400: ("A parameter cannot be used; the description names it, and in a filter the position.", ()),
    401: ("No credentials, or none that are good.", ("WWW-Authenticate",)),
    403: ("The credentials do not open this.", ("WWW-Authenticate",)),
    404: ("There is no such record or source, or none that the client may see.", ()),
    405: ("The hub is read-only.", ()),
    406: ("The client accepts no JSON.", ()),
    413: ("The request has a body, and it is too large.", ()),
    414: ("The URL is too long.", ()),
    410: ("The ledger no longer goes back that far: read everything again.", ()),
    429: ("Too many requests.", ("Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")),
    500: ("The server failed on this request.", ()),
    503: ("The hub cannot answer now: its database is away, or it is under maintenance.", ("Retry-After",)),
}

READING = (400, 401, 403, 404, 406, 413, 414, 429, 500, 503)


def headers() -> dict[str, Any]:
    """The headers as components."""
    return {name: {"description": told, "schema": schema} for name, (told, schema) in HEADERS.items()}


def responses(edition: Edition) -> dict[str, Any]:
    """The errors of an edition as components."""
    return {_error_name(status, edition): _error(edition, status, *told) for status, told in ERRORS.items()}


def json(description: str, schema: Schema, names: tuple[str, ...] = _ALWAYS) -> dict[str, Any]:
    """A response with a JSON body of that schema, and headers."""
    return {
        "description": description,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {"application/json": {"schema": schema}},
    }


def failing(statuses: tuple[int, ...] = READING, edition: Edition = V1P2) -> dict[str, Any]:
    """References to errors, by status."""
    return {str(status): {"$ref": f"#/components/responses/{_error_name(status, edition)}"} for status in statuses}


def unchanged() -> dict[str, Any]:
    """The 304 of what the client has already."""
    return {"304": {"description": "The client has it already, as its If-None-Match says."}}


def closed(**properties: Schema) -> Schema:
    """An object that has all of those properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def components(edition: Edition) -> dict[str, Schema]:
    """The body of every error of an edition, by name."""
    return {_status_info(edition): _like(edition.error("", "", ""))}


def status_info(edition: Edition = V1P2) -> Schema:
    """A reference to it."""
    return component(_status_info(edition))


def _status_info(edition: Edition) -> str:
    return name("statusInfo", edition)


def _like(body: object) -> Schema:
    """The schema of what is built like that body, which is of objects, lists of one kind of thing, and texts."""
    if isinstance(body, dict):
        return closed(**{key: _like(inner) for key, inner in body.items()})
    if isinstance(body, list):
        return {"type": "array", "items": _like(body[0])}
    return {"type": "string"}


def _error(edition: Edition, status: int, description: str, names: tuple[str, ...]) -> dict[str, Any]:
    response = json(description, status_info(edition), (*_ALWAYS, *names))
    response["content"]["application/json"]["example"] = errors.status_info(status, description, edition=edition)
    return response


def _error_name(status: int, edition: Edition) -> str:
    return name(f"error{status}", edition)
