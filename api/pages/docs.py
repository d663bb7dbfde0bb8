"""The documentation at /docs: Swagger UI over the hub's own OpenAPI document, from this host alone."""

from flask import Flask, Response

from api.addresses import DOCS, OPENAPI
from api.pages.assets import DOCS_SCRIPT, SWAGGER_SCRIPT, SWAGGER_STYLE
from api.pages.templating import page

# Swagger UI writes style attributes, which the policy cannot tell from an intruder's. Style sheets and scripts it can.
_ATTRIBUTES = "style-src-attr 'unsafe-inline'"


def register(app: Flask) -> None:
    """Add the URL."""
    app.add_url_rule(DOCS, DOCS, docs, methods=["GET"], provide_automatic_options=False)


def docs() -> Response:
    """The page."""
    return page(
        "docs.html",
        permitted=_ATTRIBUTES,
        openapi=OPENAPI.removeprefix("/"),
        swagger_style=SWAGGER_STYLE.address,
        scripts=[SWAGGER_SCRIPT.address, DOCS_SCRIPT.address],
    )
