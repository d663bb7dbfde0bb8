"""The answers with data: a page, a record, or a collection too large for memory, each from one snapshot.

Pages and records are kept in the cache under the generation that their snapshot had. Whether the client may ask is
settled before.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import orjson
from flask import Response, request

from api import errors, paging
from api.caching import Body, Subject
from api.collections import Collection
from api.hub import Hub
from api.query.plan import Plan, plan
from api.query.reading import Reader
from api.query.request import ListQuery
from api.rendering.records import Renderer, renderer
from api.security.keys import HEADER, Client
from api.sources import Source

GENERATION = "X-Roster-Generation"

_PRIVATE = {"Vary": HEADER, "Cache-Control": "private, no-cache"}


@dataclass(frozen=True, slots=True)
class View:
    """What one request may look at: a collection of one source, under the URL that its links start with."""

    hub: Hub
    collection: Collection
    source: Source
    client: Client
    base: str

    @property
    def renderer(self) -> Renderer:
        """What makes JSON of its records."""
        return renderer(self.collection, self.base)

    @property
    def url(self) -> str:
        """The collection's own."""
        return self.base + self.collection.path

    def reader(self, stack: ExitStack) -> Reader:
        """A reader in a snapshot that lasts as long as the stack."""
        cursor = stack.enter_context(self.hub.database.snapshot())
        return Reader(cursor, self.source.name, self.hub.recall)


def page(view: View, query: ListQuery) -> Response:
    """The records of a page, made in memory."""

    def make(reader: Reader) -> Body:
        found = reader.page(plan(view.collection, query))
        headers = _paging(view, query, reader, found.last_key if found.more else None)
        records = list(view.renderer.records(found))
        return Body(orjson.dumps({view.collection.entity.name: records}), headers)

    return _remembered(view, ("list", query.limit, query.offset, query.after), make)


def record(view: View, sourced_id: str) -> Response:
    """One record; ApiError 404 if the collection has none of that id."""
    singular = view.collection.entity.singular

    def make(reader: Reader) -> Body:
        for shown in view.renderer.records(reader.record(view.collection, sourced_id)):
            return Body(orjson.dumps({singular: shown}), {})
        raise errors.not_found(f"The {singular} of this sourcedId")

    return _remembered(view, ("get", sourced_id), make)


def stream(view: View, query: ListQuery) -> Response:
    """Records in chunks while they are read. The snapshot ends with the answer, also when the client leaves early."""
    wanted = plan(view.collection, query)
    with ExitStack() as stack:
        reader = view.reader(stack)
        headers = _paging(view, query, reader, reader.edge(wanted)) | _generation(reader) | _PRIVATE
        if request.method == "HEAD":  # its body is dropped unread, and nobody would end the snapshot
            return Response(headers=headers, mimetype="application/json")
        response = Response(_written(view, reader, wanted), headers=headers, mimetype="application/json")
        response.call_on_close(stack.pop_all().close)
        return response


def _written(view: View, reader: Reader, wanted: Plan) -> Iterator[bytes]:
    """The same bytes as a page in memory would have."""
    yield b'{"%s":[' % view.collection.entity.name.encode()
    separator = b""
    for chunk in reader.pages(wanted):
        records = orjson.dumps(list(view.renderer.records(chunk)))
        if chunk.rows:
            yield separator + records[1:-1]
            separator = b","
    yield b"]}"


def _remembered(view: View, query: tuple[object, ...], make: Callable[[Reader], Body]) -> Response:
    """The body for that query, from the cache, or made in a snapshot and kept."""
    cache, source = view.hub.cache, view.source
    subject = Subject(source.name, view.client.view, view.base, view.collection.name, query)
    body = cache.get(subject.key(source.generation))
    if body is None:
        with ExitStack() as stack:
            reader = view.reader(stack)
            body = make(reader)
        body.headers.update(_generation(reader), ETag=f'"{hashlib.blake2b(body.content, digest_size=16).hexdigest()}"')
        cache.put(subject.key(reader.generation), body)
    response = Response(body.content, headers=body.headers | _PRIVATE, mimetype="application/json")
    response.make_conditional(request)
    return response


def _paging(view: View, query: ListQuery, reader: Reader, last_key: str | None) -> dict[str, str]:
    total = reader.total(view.collection)
    return {"X-Total-Count": str(total), "Link": paging.links(view.url, query, total, last_key)}


def _generation(reader: Reader) -> dict[str, str]:
    return {GENERATION: str(reader.generation)}
