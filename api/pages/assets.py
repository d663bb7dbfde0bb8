"""The files that pages load, under addresses that change with their content, so that browsers may keep them for ever.

Swagger UI's come from the package that carries them (PyPI: flask-swagger-ui); the others are in this folder.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable

from flask import Flask, Response, request

from api import errors

PREFIX = "/assets/"
FAVICON = "/favicon.ico"

_FOR_EVER = "public, max-age=31536000, immutable"
_UNTIL_CHANGED = "no-cache"


@dataclass(frozen=True)
class Asset:
    """A file. Its content is read when it is first asked for."""

    name: str
    file: Traversable

    @cached_property
    def content(self) -> bytes:
        """The bytes."""
        return self.file.read_bytes()

    @cached_property
    def digest(self) -> str:
        """What its address says of its content."""
        return hashlib.blake2b(self.content, digest_size=8).hexdigest()

    @property
    def address(self) -> str:
        """Its URL, relative to the hub's."""
        return f"{PREFIX.removeprefix('/')}{self.digest}/{self.name}"

    def answer(self, caching: str) -> Response:
        """The file as a response, or a 304."""
        kind = mimetypes.guess_type(self.name)[0]
        response = Response(self.content, mimetype=kind, headers={"Cache-Control": caching})
        response.set_etag(self.digest)
        response.make_conditional(request)
        return response


def _own(name: str) -> Asset:
    return Asset(name, resources.files("api.pages") / "assets" / name)


def _swagger(name: str) -> Asset:
    return Asset(name, resources.files("flask_swagger_ui") / "dist" / name)


ICON = _own("favicon.svg")
STYLE = _own("style.css")
DOCS_SCRIPT = _own("docs.js")
SWAGGER_SCRIPT = _swagger("swagger-ui-bundle.js")
SWAGGER_STYLE = _swagger("swagger-ui.css")

_BY_NAME = {asset.name: asset for asset in (ICON, STYLE, DOCS_SCRIPT, SWAGGER_SCRIPT, SWAGGER_STYLE)}


def register(app: Flask) -> None:
    """Add the URLs; also the one at which browsers look for an icon without being told."""
    rule = f"{PREFIX}<digest>/<name>"
    app.add_url_rule(rule, rule, serve, methods=["GET"], provide_automatic_options=False)
    app.add_url_rule(FAVICON, FAVICON, icon, methods=["GET"], provide_automatic_options=False)


def serve(digest: str, name: str) -> Response:
    """A file. While a new release is rolled out, a page may ask for another's: it gets this one's, for now."""
    asset = _BY_NAME.get(name)
    if asset is None:
        raise errors.of_status(404)
    return asset.answer(_FOR_EVER if digest == asset.digest else _UNTIL_CHANGED)


def icon() -> Response:
    """The icon."""
    return ICON.answer(_UNTIL_CHANGED)
