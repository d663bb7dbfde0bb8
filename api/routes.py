"""The URLs of the roster: two handlers, list and get, registered once per endpoint, with and without a source.

Who asks, whether they may, and what for is decided here; how the answer is come by is answering's matter.
"""

from functools import partial

from flask import Flask, Response, request
from werkzeug.routing import PathConverter

from api import answering, paging
from api.addresses import public_base
from api.answering import View
from api.collections import Endpoint
from api.hub import Hub
from api.query.plan import Manners
from api.query.request import read_fields, read_list, refuse_broken
from api.security import asking, scopes

_PREFIXES = ("", "/sources/<source>")


class SourcedIdConverter(PathConverter):
    """An id in a URL. It may hold slashes: servers decode %2F before the application sees it."""

    regex = ".+?"
    part_isolating = False


def register(app: Flask, hub: Hub, endpoints: tuple[Endpoint, ...]) -> None:
    """Add the URLs of those endpoints."""
    app.url_map.merge_slashes = False  # ids may hold two in a row
    app.url_map.converters["sourced_id"] = SourcedIdConverter
    for endpoint in endpoints:
        handler = partial(get_record if endpoint.single else list_records, hub, endpoint)
        for prefix in _PREFIXES:
            rule = prefix + endpoint.template.replace("{", "<sourced_id:").replace("}", ">")
            app.add_url_rule(rule, rule, handler, methods=["GET"], provide_automatic_options=False)


def list_records(hub: Hub, endpoint: Endpoint, source: str | None = None, **ids: str) -> Response:
    """A page of a collection."""
    view = _view(hub, endpoint, source, ids)
    query = read_list(request.args.to_dict(flat=False))
    if query.limit > paging.STREAMED_ABOVE:
        return answering.stream(view, query)
    return answering.page(view, query)


def get_record(hub: Hub, endpoint: Endpoint, source: str | None = None, **ids: str) -> Response:
    """One record; 404 if the collection has none of that id, even where another collection has."""
    view = _view(hub, endpoint, source, ids)
    return answering.record(view, read_fields(request.args.to_dict(flat=False)))


def _view(hub: Hub, endpoint: Endpoint, source: str | None, ids: dict[str, str]) -> View:
    """Who asks, whether they may, and what of: ApiError 400, 401, 403 or 404 otherwise."""
    client = asking.client(hub)
    scopes.require(client, endpoint.collection, nested=endpoint.nested)
    refuse_broken(request.query_string)
    found = hub.catalogue.own(client.sources) if source is None else hub.catalogue.named(source, client.sources)
    prefix = "" if source is None else f"/sources/{found.name}"
    manners = Manners(partial(scopes.opens, client), hub.settings.refuse_unknown_names)
    named = tuple(ids[name] for name in endpoint.parameters)
    return View(hub, endpoint, named, found, client, public_base(hub.settings) + prefix, manners)
