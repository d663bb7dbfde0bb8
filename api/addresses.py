"""The address under which clients reach this hub, for whatever has to say it: hrefs, links, public documents."""

from flask import request

from api import errors
from api.settings import Settings

# Paths that more than one part has to know.
TOKEN = "/oauth/token"  # noqa: S105  where clients exchange their credentials for a bearer token
CHANGES = "/sources/<source>/changes"  # the change feed
OPENAPI = "/openapi.json"  # the hub's own description of everything it serves
DOCS = "/docs"  # the same to read and to try


def public_base(settings: Settings) -> str:
    """The URL that all of the hub's paths are appended to: ROSTERHUB_PUBLIC_URL, or the address that the client used.

    A Host header is the client's word, so a public URL is better. ApiError 400 if there is neither.
    """
    if settings.public_url:
        return settings.public_url
    if not request.host:
        raise errors.invalid("The Host header is missing or is no host name.")
    return request.host_url.rstrip("/")
