"""An API over a database of the test's own, and a client that has a key."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.hub import Hub
from api.settings import Settings, load
from pipelines.roster.migrations import upgrade
from tests import servers
from tests.api import roster as rosters
from tests.api.roster import Roster
from tests.servers import PostgresServer

ROSTERING = "/ims/oneroster/rostering/v1p2"
RESOURCES = "/ims/oneroster/resources/v1p2"
GRADEBOOK = "/ims/oneroster/gradebook/v1p2"


@dataclass
class Api:
    """An application and what asks it."""

    client: FlaskClient
    key: str | None = None

    @property
    def hub(self) -> Hub:
        hub: Hub = self.client.application.extensions["rosterhub"]
        return hub

    def get(self, path: str, *, key: str | None = None, method: str = "GET", **headers: str) -> TestResponse:
        """Header names are written with _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        given = key or self.key
        if given:
            sent["X-API-Key"] = given
        return self.client.open(path, method=method, headers=sent)

    def json(self, path: str, *, key: str | None = None) -> Any:
        """The body of an answer that has to be 200."""
        response = self.get(path, key=key)
        assert response.status_code == 200, response.text
        return response.json


@pytest.fixture
def roster(migrated_url: str) -> Iterator[Roster]:
    """A migrated database with nothing in it but a key that may read everything."""
    with rosters.opened(migrated_url) as opened:
        opened.key()
        yield opened


@contextmanager
def serving(settings: Settings, key: str | None = rosters.HEADER) -> Iterator[Api]:
    """An application for those settings, asked with that key; its connections are closed at the end."""
    app = create_app(settings)
    try:
        yield Api(app.test_client(), key)
    finally:
        app.extensions["rosterhub"].close()


def settings_for(url: str, **variables: str) -> Settings:
    """The API's settings for a database: no Redis, a public URL, the audit log in a folder that ends with the run."""
    spool = f"{os.environ[servers.FOLDER]}/audit-{os.getpid()}"
    usual = {"DATABASE_URL": url, "ROSTERHUB_PUBLIC_URL": "https://hub.example", "ROSTERHUB_AUDIT_SPOOL": spool}
    return load(usual | variables)


@contextmanager
def serving_filled(server: PostgresServer, fill: Callable[[Roster], None]) -> Iterator[Api]:
    """The API over a database that is filled once, for tests that only read."""
    with server.database(server.migrated(upgrade)) as url, rosters.opened(url) as roster:
        roster.key()
        fill(roster)
        with serving(settings_for(url)) as api:
            yield api


@pytest.fixture
def settings(roster: Roster) -> Settings:
    """The settings for `roster`."""
    return settings_for(roster.url)


@pytest.fixture
def api(settings: Settings) -> Iterator[Api]:
    """The API over `roster`, asked with its key."""
    with serving(settings) as api:
        yield api


@pytest.fixture
def access_log() -> Iterator[list[str]]:
    """The lines of the access log from now on."""
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handler = Keeping()
    log = logging.getLogger("rosterhub.access")
    log.addHandler(handler)
    yield lines
    log.removeHandler(handler)
