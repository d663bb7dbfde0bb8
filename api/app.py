"""The application: settings and parts put together. `create_app()` is what gunicorn is told to serve."""

import atexit

from flask import Flask, request

from api import browsers, changes, discovery, errors, probes, routes, settings, tracing
from api.collections import ALIASES, ENDPOINTS, V1P1_ENDPOINTS
from api.hub import Hub
from api.metrics import PATH as METRICS
from api.openapi import document
from api.pages import assets, docs, landing
from api.security import asking, token_endpoint
from api.settings import Settings

# Answered under maintenance too; the landing page then says only that.
_ALWAYS = frozenset({METRICS, probes.LIVE, probes.READY, probes.HEALTH, landing.PATH, assets.FAVICON})
_LONGEST_QUERY = 32_768  # bytes: as many comparisons as there may be, with UUIDs, or 10 kB of Japanese, encoded
_LARGEST_BODY = 65_536


def create_app(given: Settings | None = None) -> Flask:
    """The API as a WSGI application. Nothing is connected to yet.

    Without settings they are read from the environment; raises settings.SettingsError if that cannot be used.
    """
    hub = Hub.of(given or settings.load())
    app = Flask("rosterhub", static_folder=None)
    app.extensions["rosterhub"] = hub
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY  # no more is read of one that does not say
    tracing.register(app)
    browsers.register(app, hub.settings)
    hub.metrics.register(app)
    errors.register(app)
    app.before_request(lambda: _admit(hub))
    probes.register(app, hub)
    asking.register(app)
    hub.trail.register(app)
    token_endpoint.register(app, hub)
    routes.register(app, hub, (*ENDPOINTS, *ALIASES, *V1P1_ENDPOINTS))
    changes.register(app, hub)
    discovery.register(app, hub)
    document.register(app, hub)
    assets.register(app)
    docs.register(app)
    landing.register(app, hub)
    atexit.register(hub.close)
    return app


def _admit(hub: Hub) -> None:
    """Turn away what is not served now, here or ever: ApiError 503, 403, 413 or 414."""
    if request.path == METRICS:
        asking.require_direct(hub.settings)
    is_always = request.path in _ALWAYS or request.path.startswith(assets.PREFIX)
    if not is_always and hub.maintenance.is_on():
        raise errors.under_maintenance()
    if len(request.query_string) > _LONGEST_QUERY:
        raise errors.of_status(414)
    if (request.content_length or 0) > _LARGEST_BODY:
        raise errors.of_status(413)
