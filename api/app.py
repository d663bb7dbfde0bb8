"""The application: settings and parts put together. `create_app()` is what gunicorn is told to serve."""

import atexit

from flask import Flask, Response, jsonify, request

from api import errors, probes, routes, settings, tracing
from api.collections import COLLECTIONS, service_base
from api.hub import Hub
from api.metrics import PATH as METRICS
from api.settings import Settings
from api.version import VERSION

LANDING = "/"

_ALWAYS = frozenset({METRICS, probes.LIVE, probes.READY, probes.HEALTH})  # answered under maintenance too
_LONGEST_QUERY = 8_192
_LARGEST_BODY = 65_536


def create_app(given: Settings | None = None) -> Flask:
    """The API as a WSGI application. Nothing is connected to yet.

    Without settings they are read from the environment; raises settings.SettingsError if that cannot be used.
    """
    hub = Hub.of(given or settings.load())
    app = Flask("rosterhub", static_folder=None)
    app.extensions["rosterhub"] = hub
    tracing.register(app)
    hub.metrics.register(app)
    errors.register(app)
    app.before_request(lambda: _admit(hub.settings))
    probes.register(app, hub)
    routes.register(app, hub, COLLECTIONS)
    app.add_url_rule(LANDING, LANDING, landing, methods=["GET"], provide_automatic_options=False)
    atexit.register(hub.database.close)
    return app


def landing() -> Response:
    """What this is and where its services are, for whoever opens the address."""
    services = {collection.entity.service for collection in COLLECTIONS}
    return jsonify(
        name="RosterHub",
        version=VERSION,
        standard="OneRoster 1.2",
        services={service: service_base(service) for service in sorted(services)},
        health=probes.HEALTH,
    )


def _admit(current: Settings) -> None:
    """Turn away what is not served now or never: ApiError 503, 413 or 414."""
    if current.maintenance and request.path not in _ALWAYS:
        raise errors.unavailable("RosterHub is under maintenance. Please try again later.", 300)
    if len(request.query_string) > _LONGEST_QUERY:
        raise errors.of_status(414)
    if (request.content_length or 0) > _LARGEST_BODY:
        raise errors.of_status(413)
