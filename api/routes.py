"""The URLs of the roster: two handlers, list and get, registered once per collection, with and without a source.

Who asks, whether they may, and what for is decided here; how the answer is come by is answering's matter.
"""

from functools import partial

from flask import Flask, Response, request
from werkzeug.routing import PathConverter

from api import answering, errors, paging, tracing
from api.answering import View
from api.collections import Collection
from api.hub import Hub
from api.query.request import read_list, refuse_unserved
from api.security import keys, scopes


class SourcedIdConverter(PathConverter):
    """An id in a URL. It may hold slashes: servers decode %2F before the application sees it."""

    regex = ".+?"
    part_isolating = False


def register(app: Flask, hub: Hub, collections: tuple[Collection, ...]) -> None:
    """Add the URLs of those collections."""
    app.url_map.merge_slashes = False  # ids may hold two in a row
    app.url_map.converters["sourced_id"] = SourcedIdConverter
    for collection in collections:
        for prefix in ("", "/sources/<source>"):
            rule = prefix + collection.path
            for path, handler in ((rule, list_records), (f"{rule}/<sourced_id:sourced_id>", get_record)):
                view = partial(handler, hub, collection)
                app.add_url_rule(path, path, view, methods=["GET"], provide_automatic_options=False)


def list_records(hub: Hub, collection: Collection, source: str | None = None) -> Response:
    """A page of a collection."""
    view = _view(hub, collection, source)
    query = read_list(request.args.to_dict(flat=False))
    if query.limit > paging.STREAMED_ABOVE:
        return answering.stream(view, query)
    return answering.page(view, query)


def get_record(hub: Hub, collection: Collection, sourced_id: str, source: str | None = None) -> Response:
    """One record; 404 if the collection has none of that id, even where another collection has."""
    view = _view(hub, collection, source)
    refuse_unserved(request.args.to_dict(flat=False))
    return answering.record(view, sourced_id)


def _view(hub: Hub, collection: Collection, source: str | None) -> View:
    """Who asks, whether they may, and what of: ApiError 401, 403 or 404 otherwise."""
    client = hub.keys.client(request.headers.get(keys.HEADER))
    tracing.name_client(client.key)
    scopes.require(client, collection)
    base = hub.settings.public_url or _asked_base()
    if source is None:
        return View(hub, collection, hub.catalogue.own(client.sources), client, base)
    found = hub.catalogue.named(source, client.sources)
    return View(hub, collection, found, client, f"{base}/sources/{found.name}")


def _asked_base() -> str:
    """The address that the client used. Its Host header is the client's word, so a public URL is better."""
    if not request.host:
        raise errors.invalid("The Host header is missing or is no host name.")
    return request.host_url.rstrip("/")
