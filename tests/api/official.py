"""The official OpenAPI files of OneRoster 1.2, as something to check answers with. They are no part of the project."""

import functools
import json
from typing import Any

from jsonschema import Draft202012Validator

from tests.shared import standard

_FILES = {
    "rostering": "onerosterv1p2rostersservice_openapi3_v1p0.json",
    "resources": "onerosterv1p2resourcesservice_openapi3_v1p0.json",
    "gradebook": "onerosterv1p2gradebookservice_openapi3_v1p0.json",
}


@functools.cache
def document(service: str) -> dict[str, Any]:
    """The OpenAPI document; the test is skipped where it is not at hand."""
    loaded: dict[str, Any] = json.loads(standard(f"openapi/{_FILES[service]}").read_text())
    return loaded


def faults(service: str, path: str, status: str, body: Any) -> list[str]:
    """What is wrong with a body by the schema of that operation's answer; nothing if it is as it should be."""
    content = document(service)["paths"][path]["get"]["responses"][status]["content"]["application/json"]
    schema = {**content["schema"], "components": document(service)["components"]}
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]
