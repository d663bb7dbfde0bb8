"""The change feed over HTTP: which records each generation moved, for those who want events and not date filters.

Who asks, what is refused, and the JSON. How the feed is paged, and what of it limited clients see, is feed's matter.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Flask, Response, request

from api import answering, errors, paging, streaming
from api.addresses import CHANGES, public_base
from api.database import Cursor
from api.editions import V1P2
from api.feed.in_view import FeedInView
from api.feed.pages import Event, Feed, P, Position
from api.feed.whole import WholeFeed
from api.hub import Hub
from api.query.reading import Reader, written
from api.query.request import FeedQuery, read_feed, refuse_broken
from api.rendering import values
from api.security import asking, challenges, scopes
from api.security.keys import Client
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.registry import BY_NAME, ENTITIES, owner_of
from pipelines.oneroster.scopes import opening

_LISTED = tuple(entity for entity in ENTITIES if owner_of(entity) is None)


def register(app: Flask, hub: Hub) -> None:
    """Add the URL of the feed."""
    app.add_url_rule(CHANGES, CHANGES, partial(list_changes, hub), methods=["GET"], provide_automatic_options=False)


def list_changes(hub: Hub, source: str) -> Response:
    """A page of what came after the generation `since`: ApiError 400, 401, 403, 404, or 410 if that is too long ago."""
    client = asking.client(hub)
    entities = _readable(client)
    refuse_broken(request.query_string)
    found = hub.catalogue.named(source, client.sources)
    query = read_feed(request.args.to_dict(flat=False))
    base = f"{public_base(hub.settings)}/sources/{found.name}"
    with ExitStack() as stack:
        cursor = stack.enter_context(hub.database.snapshot())
        opened = _opened(hub, cursor, found.name, client, [entity.name for entity in entities])
        start = _start(opened, query)
        if query.limit > paging.STREAMED_ABOVE:
            return _stream(stack, opened, query, start, base)
        return _page(opened, query, start, base)


def _readable(client: Client) -> tuple[Entity, ...]:
    """The entities that the client is told of; ApiError 403 if there are none."""
    entities = tuple(entity for entity in _LISTED if scopes.opens(client, entity))
    if not entities:
        wanted = opening(_LISTED[0])[0]
        raise challenges.out_of_scope(f"The change feed needs a scope that opens records: {wanted.name}.", wanted.uri)
    return entities


def _opened(hub: Hub, cursor: Cursor, source: str, client: Client, entities: Sequence[str]) -> Feed[Any]:
    """The feed as that client is told of it."""
    if client.orgs is None:
        return WholeFeed(cursor, source, entities)
    view = Reader(cursor, source, hub.recall, client.orgs).view
    return FeedInView(cursor, source, entities, view)


def _start(opened: Feed[P], query: FeedQuery) -> P:
    """Where to read from; ApiError 400 for what cannot be, 410 for what is no longer kept."""
    if query.since > opened.generation:
        raise errors.invalid(f"since is greater than the current generation, which is {opened.generation}.")
    oldest = opened.oldest()
    if query.since < oldest - 1:
        raise errors.ApiError(
            410,
            f"The change feed begins with generation {oldest}, later than the one after {query.since}: read the"
            f" collections again, and go on with since={opened.generation}.",
            minor="unknownobject",
        )
    try:
        return opened.start(query.since, query.after)
    except ValueError:
        raise errors.invalid("after is no place in the change feed: take it from a link with rel=next.") from None


def _page(opened: Feed[P], query: FeedQuery, start: P, base: str) -> Response:
    page = opened.page(start, query.limit)
    body = orjson.dumps({"changes": list(_shown(page.events, base)), "generation": opened.generation})
    response = Response(body, headers=_headers(opened, query, page.following, base), mimetype="application/json")
    response.add_etag()
    response.make_conditional(request)
    return response


def _stream(stack: ExitStack, opened: Feed[P], query: FeedQuery, start: P, base: str) -> Response:
    """The same bytes as a page in memory would have, in chunks while they are read."""
    headers = _headers(opened, query, opened.edge(start, query.limit), base)
    chunks = (list(_shown(page.events, base)) for page in opened.pages(start, query.limit))
    closing = b'],"generation":%d}' % opened.generation
    return streaming.answer(stack, headers, streaming.array(b'{"changes":[', chunks, closing))


def _shown(events: Iterable[Event], base: str) -> Iterator[dict[str, object]]:
    """Each record of the events, with what happened to it."""
    for event in events:
        entity, moment = BY_NAME[event.entity], written(event.moment)
        refer = values.reference(entity, partial(V1P2.url, base))
        for id in event.ids:
            yield {
                "entity": entity.singular,
                "collection": entity.name,
                "sourcedId": id,
                "kind": event.kind,
                "generation": event.generation,
                "dateLastModified": moment,
                "href": refer(id)["href"],
            }


def _headers(opened: Feed[P], query: FeedQuery, following: P | None, base: str) -> dict[str, str]:
    total = opened.total(query.since)
    return {
        **({} if total is None else {"X-Total-Count": str(total)}),
        "Link": _links(base, query, following),
        answering.GENERATION: str(opened.generation),
        **answering.PRIVATE,
    }


def _links(base: str, query: FeedQuery, following: Position | None) -> str:
    """The first page and the next one; there is no way back."""
    parameters: dict[str, object] = {"since": query.since, "limit": query.limit}
    found = {"first": parameters}
    if following is not None:
        found["next"] = parameters | {"after": following.text}
    return paging.header(f"{base}/changes", {rel: urlencode(one) for rel, one in found.items()})
