"""The landing page at `/`: HTML for browsers, JSON for everyone else."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Flask, Response, jsonify, request

from api import discovery, errors, probes
from api.addresses import DOCS, OPENAPI, TOKEN, public_base
from api.editions import V1P1, V1P2
from api.hub import Hub
from api.pages.state import Observer, Publication, State
from api.pages.templating import page
from api.pages.texts import spoken
from api.query.reading import written
from api.version import VERSION

PATH = "/"

_EDITIONS = (V1P2, V1P1)


def register(app: Flask, hub: Hub) -> None:
    """Add the URL."""
    view = partial(landing, hub, Observer(hub))
    app.add_url_rule(PATH, PATH, view, methods=["GET"], provide_automatic_options=False)


def landing(hub: Hub, observer: Observer) -> Response:
    """What this is, what it holds, and where its services are."""
    if hub.maintenance.is_on():
        return _closed(hub)
    state = observer.state()
    return _as_page(hub, state) if _for_a_browser() else _as_json(state)


def _closed(hub: Hub) -> Response:
    """The 503 under maintenance, to people as a page that says so."""
    error = errors.under_maintenance()
    if not _for_a_browser():
        raise error
    response = _as_page(hub, State("maintenance"))
    response.status_code = error.status
    response.headers.update(error.headers)
    return response


def _for_a_browser() -> bool:
    """Whether HTML is wanted more than JSON: clients that take anything get JSON."""
    accepted = request.accept_mimetypes
    return accepted["text/html"] > accepted["application/json"]


def _as_json(state: State) -> Response:
    response = jsonify(
        name="RosterHub",
        version=VERSION,
        standard=f"OneRoster {V1P2.version}",
        services=dict(V1P2.bases),
        editions={edition.version: dict(edition.bases) for edition in _EDITIONS},
        discovery=discovery.paths(),
        token=TOKEN,
        openapi=OPENAPI,
        docs=DOCS,
        health=probes.HEALTH,
        data={
            "status": state.condition,
            "sources": state.sources,
            "newest": _published(state.newest),
            "oldest": _published(state.oldest),
            "active": dict(state.counts),
        },
    )
    response.headers["Vary"] = "Accept"
    return response


def _published(publication: Publication | None) -> dict[str, Any] | None:
    if publication is None:
        return None
    return {"generation": publication.generation, "published_at": written(publication.at)}


def _as_page(hub: Hub, state: State) -> Response:
    return page(
        "landing.html",
        texts=spoken(request.accept_languages.values()),
        standard=V1P2.version,
        version=VERSION,
        state=state,
        now=datetime.now(UTC),
        written=written,
        base=public_base(hub.settings),
        editions=_EDITIONS,
        paths={
            "docs": DOCS,
            "openapi": OPENAPI,
            "token": TOKEN,
            "health": probes.HEALTH,
            "discovery": dict(zip(discovery.FILES, discovery.paths(), strict=True)),
        },
    )
