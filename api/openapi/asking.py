"""How one asks: the parameters of lists and records, and the credentials."""

from collections.abc import Iterable
from typing import Any

from api.addresses import TOKEN
from api.documents import HUB
from api.openapi.names import Schema
from pipelines.oneroster.scopes import SCOPES, Scope

# The form of a filter. Which names and values there are depends on the collection, beyond what a pattern can say.
_CLAUSE = r"[^\s'=!<>~&]+\s*(=|!=|>|>=|<|<=|~)\s*'([^'\x00]|'')*'"
_FILTER = rf"^\s*{_CLAUSE}(\s+(AND|OR)\s+{_CLAUSE})*\s*$"

_NAME = r"\s*[^\s,][^,]*"  # one that is not blank

# Examples stand in the texts: Swagger UI would fill a form with them, and what one tries would not be the default.
PARAMETERS: dict[str, dict[str, Any]] = {
    "limit": {
        "description": "How many records a page has at most. Any number is honoured; more than 10,000 are streamed.",
        "schema": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 10**18 - 1, "default": 100},
    },
    "offset": {
        "description": "How many records come before the page. To read everything, follow `Link` rel=next instead.",
        "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**31 - 1, "default": 0},
    },
    "after": {
        "description": "An extension: where the page starts, as `next` links say it. It makes deep pages as cheap as"
        " the first and skips nothing when records disappear meanwhile; it wins over `offset`.",
        "schema": {"type": "string", "pattern": "^[^\\u0000]*$"},
    },
    "sort": {
        "description": "The property to sort by, in the order of code points; records that lack it come last. By an"
        " unknown one nothing is sorted. Without it the order is that of the sourcedIds. Example: `dateLastModified`.",
        "schema": {"type": "string"},
    },
    "orderBy": {
        "description": "The direction of `sort`.",
        "schema": {"type": "string", "enum": ["asc", "desc"], "default": "asc"},
    },
    "filter": {
        "description": "Comparisons, joined by ` AND ` and ` OR ` (AND binds tighter): a property, one of"
        " `= != > >= < <= ~` (`~`: contains, whatever the case) and a value in single quotes; a quote inside it is"
        " doubled. Properties of what a record refers to are reached by dots, as in `roles.role='teacher'` or"
        " `class.sourcedId='c1'`; of a list any element may meet the comparison. Example:"
        " `status='active' AND dateLastModified>='2026-08-01T00:00:00Z'`.",
        "schema": {"type": "string", "pattern": _FILTER},
    },
    "fields": {
        "description": "The properties to answer with, separated by commas. If one of them is unknown, all are sent."
        " Example: `sourcedId,status`.",
        "schema": {"type": "string", "pattern": rf"^{_NAME}(,{_NAME})*$"},
    },
}

LISTING = tuple(PARAMETERS)
SINGLE = ("fields",)

OAUTH, KEY, BASIC = "oauth2", "apiKey", "basic"


def parameters() -> dict[str, dict[str, Any]]:
    """The parameters as components."""
    return {name: {"name": name, "in": "query", **told} for name, told in PARAMETERS.items()}


def referred(names: Iterable[str]) -> list[Schema]:
    """References to those parameters."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def in_path(name: str, description: str, schema: Schema | None = None) -> dict[str, Any]:
    """A parameter of the path."""
    schema = schema or {"type": "string", "minLength": 1, "maxLength": 255}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def schemes() -> dict[str, Any]:
    """The ways to say who asks. All stand for the same credential."""
    flow = {"tokenUrl": HUB + TOKEN, "scopes": {scope.uri: _opens(scope) for scope in SCOPES}}
    return {
        OAUTH: {
            "type": "oauth2",
            "description": "OAuth 2.0 client credentials: the key is the client_id, the secret the client_secret.",
            "flows": {"clientCredentials": flow},
        },
        KEY: {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same as `<key>.<secret>`."},
        BASIC: {"type": "http", "scheme": "basic", "description": "The key as user name, the secret as password."},
    }


def demanded(scopes: Iterable[Scope]) -> list[dict[str, list[str]]]:
    """That the credential must have one of those scopes, however it is sent."""
    return [*({OAUTH: [scope.uri]} for scope in scopes), {KEY: []}, {BASIC: []}]


def _opens(scope: Scope) -> str:
    what = " and ".join(scope.only) or f"everything of the {scope.service} service that has no scope of its own"
    return f"Read {what}." if scope.nested else f"Read {what}, but no collections below a record."
