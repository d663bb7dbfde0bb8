"""The answers with data: a page, a record, or a collection too large for memory, each from one snapshot.

Pages and records are kept in the cache under the revision that their snapshot had. Whether the client may ask is
settled before.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import orjson
from flask import Response, request

from api import errors, paging, streaming
from api.caching import Body, Subject
from api.collections import Endpoint
from api.hub import Hub
from api.places import Place
from api.query import cursors
from api.query.plan import Manners, Plan, plan, shown_fields
from api.query.reading import End, Reader
from api.query.request import ListQuery
from api.rendering.records import Renderer, renderer
from api.security.keys import HEADER, Client
from api.sources import Source

GENERATION = "X-Roster-Generation"

PRIVATE = {"Vary": f"Authorization, {HEADER}", "Cache-Control": "private, no-cache"}


@dataclass(frozen=True, slots=True)
class View:
    """What one request may look at: an endpoint of one source, under the URL that its links start with.

    `ids` are those in the path; `base` is what hrefs start with.
    """

    hub: Hub
    endpoint: Endpoint
    ids: tuple[str, ...]
    source: Source
    client: Client
    base: str
    manners: Manners

    @property
    def url(self) -> str:
        """The endpoint's own, with the ids."""
        return self.base + self.endpoint.path(self.ids)

    def renderer(self, fields: frozenset[str] | None) -> Renderer:
        """What makes JSON of its records."""
        return renderer(self.endpoint.collection, self.base, fields)

    def subject(self, *query: object) -> Subject:
        """What a body of it depends on."""
        return Subject(self.client.view, self.url, query)

    def reader(self, stack: ExitStack) -> Reader:
        """A reader in a snapshot that lasts as long as the stack. ApiError 404 if a parent in the path is not there."""
        cursor = stack.enter_context(self.hub.database.snapshot())
        reader = Reader(cursor, self.source.name, self.hub.recall, self.client.orgs)
        reader.require_parents(self.endpoint, self.ids)
        return reader


def page(view: View, query: ListQuery) -> Response:
    """The records of a page, made in memory."""
    place, wanted = _planned(view, query)

    def make(reader: Reader) -> Body:
        found = reader.page(wanted)
        shift = _shift(reader, wanted, query, place)
        headers = _paging(view, query, wanted, reader.total(wanted) + shift, found.end)
        records = list(view.renderer(wanted.fields).records(found))
        content = orjson.dumps({view.endpoint.collection.entity.name: records})
        return Body(content, headers, str(reader.revision), _ends_at(query, wanted, found.end), shift)

    subject = view.subject("list", query.limit, query.offset, query.after, place and place.subject, query.given)
    body = _remembered(view, subject, make)
    _keep_place(view, query, body)
    return _answer(body)


def record(view: View, fields: tuple[str, ...] | None) -> Response:
    """One record; ApiError 404 if the collection has none of that id."""
    collection, (sourced_id,) = view.endpoint.collection, view.ids
    shown = shown_fields(view.endpoint, fields, view.manners)

    def make(reader: Reader) -> Body:
        for found in view.renderer(shown).records(reader.record(view.endpoint, sourced_id, shown)):
            return Body(orjson.dumps({collection.entity.singular: found}), {}, str(reader.revision))
        raise errors.not_found(f"The {collection.singular} of this sourcedId")

    return _answer(_remembered(view, view.subject("get", fields), make))


def stream(view: View, query: ListQuery) -> Response:
    """Records in chunks while they are read. The snapshot ends with the answer, also when the client leaves early."""
    place, wanted = _planned(view, query)
    with ExitStack() as stack:
        reader = view.reader(stack)
        end, shift = reader.end(wanted), _shift(reader, wanted, query, place)
        headers = _paging(view, query, wanted, reader.total(wanted) + shift, end) | _generation(reader)
        _keep_place(view, query, Body(b"", headers, str(reader.revision), _ends_at(query, wanted, end), shift))
        return streaming.answer(stack, headers | PRIVATE, _written_out(view, reader, wanted))


def _written_out(view: View, reader: Reader, wanted: Plan) -> Iterator[bytes]:
    """The same bytes as a page in memory would have."""
    render = view.renderer(wanted.fields).records
    chunks = (list(render(chunk)) for chunk in reader.pages(wanted))
    return streaming.array(b'{"%s":[' % view.endpoint.collection.entity.name.encode(), chunks, b"]}")


def _remembered(view: View, subject: Subject, make: Callable[[Reader], Body]) -> Body:
    """The body of that subject, from the cache, or made in a snapshot and kept."""
    cache = view.hub.cache
    body = cache.get(subject.key(view.source.revision))
    if body is None:
        with ExitStack() as stack:
            reader = view.reader(stack)
            body = make(reader)
        body.headers.update(_generation(reader), ETag=f'"{hashlib.blake2b(body.content, digest_size=16).hexdigest()}"')
        cache.put(subject.key(reader.revision), body)
    return body


def _answer(body: Body) -> Response:
    response = Response(body.content, headers=body.headers | PRIVATE, mimetype="application/json")
    response.make_conditional(request)
    return response


def _planned(view: View, query: ListQuery) -> tuple[Place | None, Plan]:
    """What to read, and where the client has come to if it counts offsets."""
    place = _place(view, query)
    placed = query if place is None else replace(query, after=place.after)
    return place, plan(view.endpoint, view.ids, placed, view.manners)


def _place(view: View, query: ListQuery) -> Place | None:
    """Where a client that counts offsets has come to."""
    if query.after is not None or query.offset == 0:
        return None
    return view.hub.places.find(view.client.key, _walk(view, query), query.offset)


def _keep_place(view: View, query: ListQuery, body: Body) -> None:
    if query.after is None and body.ends_at is not None:
        place = Place(body.ends_at, body.revision, body.shift)
        view.hub.places.keep(view.client.key, _walk(view, query), query.offset + query.limit, place)


def _walk(view: View, query: ListQuery) -> tuple[object, ...]:
    """What stays the same from page to page."""
    return (view.source.name, view.url, query.given)


def _shift(reader: Reader, wanted: Plan, query: ListQuery, place: Place | None) -> int:
    """What makes the total one that fits the client's offsets, where records before its place have come or gone."""
    if place is None:
        return 0
    if place.revision == str(reader.revision):
        return place.shift
    return query.offset + reader.left(wanted) - reader.total(wanted)


def _paging(view: View, query: ListQuery, wanted: Plan, total: int, end: End) -> dict[str, str]:
    next_after = _written(wanted, end) if end.is_followed else None
    return {"X-Total-Count": str(total), "Link": paging.links(view.url, query, total, next_after)}


def _ends_at(query: ListQuery, wanted: Plan, end: End) -> str | None:
    """The end of a walk is a place too: who asks beyond it must not be shown again what has moved there since."""
    return _written(wanted, end) if end.is_followed or query.offset else None


def _written(wanted: Plan, end: End) -> str | None:
    return None if end.key is None else cursors.written(wanted.order, end.key)


def _generation(reader: Reader) -> dict[str, str]:
    return {GENERATION: str(reader.revision.generation)}
