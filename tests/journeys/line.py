"""The whole line as a story uses it: a bundle lands, a sync takes it up, clients with a key ask the API what is there.

What the stories are about is in the tests; which servers run is in `running` and in the fixtures.
"""

import json
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from api.collections import COLLECTIONS, Collection
from pipelines import credentials, syncing
from pipelines.credentials import Limits
from pipelines.handover import Publication
from pipelines.settings import Settings, load
from tests.api.conftest import Api
from tests.pipelines.district import District

OLDEST = 1_700_000_000  # bundles arrive in the order in which they land, whatever the clock says
SOURCE = "north"

Record = dict[str, Any]
Snapshot = dict[str, Record]  # "users/pupil1": the record
DATE = "dateLastModified"


@dataclass
class Line:
    """A hub of the story's own: its home and its database."""

    home: Path
    database_url: str
    redis_url: str = ""
    landed: int = 0

    @property
    def variables(self) -> dict[str, str]:
        """The settings as an operator would give them."""
        return {
            "ROSTERHUB_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "ROSTERHUB_STABLE_SECONDS": "0",
        }

    @property
    def settings(self) -> Settings:
        return load(self.variables, dotenv=None)

    def land(self, bundle: District | Path, source: str = SOURCE) -> Path:
        """Put a bundle into the source's landing folder, as the newest one there."""
        self.landed += 1
        place = self.settings.landing / source / f"{self.landed:03}"
        if isinstance(bundle, District):
            bundle.write(place)
        elif bundle.is_dir():
            shutil.copytree(bundle, place)
        else:
            place = place.with_suffix(".zip")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(bundle, place)
        for path in place.iterdir() if place.is_dir() else [place]:
            os.utime(path, (OLDEST + self.landed, OLDEST + self.landed))
        return place

    def sync(
        self, source: str = SOURCE, bundle: Path | None = None, progress: Callable[[str], None] | None = None
    ) -> Publication:
        """Take the bundle named, or the oldest that waits."""
        publication = syncing.sync(self.settings, source, bundle, progress=progress)
        assert publication is not None, "no bundle waits"
        return publication

    def take(self, bundle: District | Path, source: str = SOURCE) -> Publication:
        """Land a bundle and sync."""
        self.land(bundle, source)
        return self.sync(source)

    def key(self, *sources: str, orgs: tuple[str, ...] = ()) -> str:
        """The header value of a new key for all scopes and those sources, or all of them; `orgs` limit it."""
        with credentials.opened(self.database_url) as connection:
            limits = Limits(sources=sources, orgs=orgs)
            issued = credentials.create(connection, "a story", scope_names=[credentials.ALL_SCOPES], limits=limits)
        return issued.header


@dataclass(frozen=True)
class WebAnswer:
    """An answer that came over the network."""

    status_code: int
    headers: Mapping[str, str]
    json: Any


@dataclass(frozen=True)
class WebApi:
    """An API asked over the network. Header names are written with _ for -."""

    url: str
    key: str

    def get(self, path: str, **headers: str) -> WebAnswer:
        sent = {"X-API-Key": self.key} | {name.replace("_", "-"): value for name, value in headers.items()}
        asked = urllib.request.Request(self.url + path, headers=sent)  # noqa: S310 - always our own http address
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
                return WebAnswer(answer.status, dict(answer.headers), json.loads(answer.read()))
        except urllib.error.HTTPError as error:
            return WebAnswer(error.code, dict(error.headers), json.loads(error.read()))


def pages(api: Api | WebApi, path: str, limit: int = 100) -> Iterator[TestResponse | WebAnswer]:
    """Every page of a collection, found by its links."""
    following: str | None = f"{path}?limit={limit}"
    while following:
        answer = api.get(following)
        assert answer.status_code == 200, answer.json
        yield answer
        following = _next(answer.headers["Link"])


def shown(api: Api | WebApi, collection: Collection, prefix: str = "") -> Iterator[Record]:
    """Every record of a collection."""
    for page in pages(api, prefix + collection.path):
        body: Any = page.json
        yield from body[collection.entity.name]


def _next(link: str) -> str | None:
    for part in link.split(", "):
        url, _, relation = part.partition("; ")
        if relation == 'rel="next"':
            split = urlsplit(url.strip("<>"))
            return f"{split.path}?{split.query}"
    return None


def snapshot(api: Api | WebApi, prefix: str = "") -> Snapshot:
    """Everything that the API shows, by collection and id. `prefix` names a source: "/sources/north"."""
    return {
        f"{collection.name}/{record['sourcedId']}": record
        for collection in COLLECTIONS
        for record in shown(api, collection, prefix)
    }


def differing(before: Snapshot, after: Snapshot) -> set[str]:
    """The names of records that are not the same in both, or only in one."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def undated(shown: Snapshot) -> Snapshot:
    """The same without the dates, which are those of publications."""
    return {name: {key: value for key, value in record.items() if key != DATE} for name, record in shown.items()}
