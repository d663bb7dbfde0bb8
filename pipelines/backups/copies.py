"""Copies of good backups in an S3-compatible store, beside those of the folder: made, listed, fetched, removed.

The endpoint and the keys come from the variables that every program of that kind reads (AWS_ENDPOINT_URL,
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION). A backup's notes are sent last: without them a copy is not there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from pipelines.backups import shelf
from pipelines.backups.pruning import Retention, doomed
from pipelines.backups.shelf import UNFINISHED, Backup
from pipelines.errors import DependencyAway, Refused

_CHUNK = 8 * 2**20


class Copies:
    """The backups under one s3://bucket/prefix. Every method raises DependencyAway where the store does not answer."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = url
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={"allow_http": True},  # only where AWS_ENDPOINT_URL says http
            retry_config={"max_retries": 3},
        )

    def send(self, made: Backup) -> None:
        """Copy a backup, and see that the copies have its sizes. Refused for one that is no good."""
        if not made.is_good:
            raise Refused(f"{made.name} is no good and is not copied to {self.url}")
        with self._speaking():
            for path in shelf.paths_of(made):
                obstore.put(self._store, path.name, path)
                size = obstore.head(self._store, path.name)["size"]
                if size != path.stat().st_size:
                    raise DependencyAway(f"{self.url}/{path.name} has {size} bytes, not {path.stat().st_size}")

    def backups(self) -> list[Backup]:
        """The backups that are copied there, newest first. Their `folder` is none of this machine until fetched."""
        with self._speaking():
            names = [entry["path"] for batch in obstore.list(self._store) for entry in batch]
            notes = sorted((name for name in names if _is_notes(name)), reverse=True)
            return [shelf.parse(self._text(name), Path(self.url)) for name in notes]

    def fetch(self, name: str, into: Path) -> Backup:
        """Bring a backup of that name to the folder, where it is as if made there. Refused where none is copied."""
        found = next((backup for backup in self.backups() if backup.name == name), None)
        if found is None:
            raise Refused(f"there is no copy of {name} in {self.url}; `rosterhub backup list` says which there are")
        here = shelf.parse(self._text(shelf.notes_of(found).name), into)
        with shelf.locked(into), self._speaking():
            return shelf.put(here, {file.name: self._download(file.name, into) for file in here.files})

    def prune(self, rule: Retention, *, dry_run: bool = False) -> list[Backup]:
        """Remove the copies that the rule does not keep, and say which."""
        going = doomed(self.backups(), rule)
        with self._speaking():
            for backup in () if dry_run else going:
                names = [path.name for path in shelf.paths_of(backup)]
                obstore.delete(self._store, list(reversed(names)))
        return going

    def _text(self, name: str) -> str:
        return bytes(obstore.get(self._store, name).bytes()).decode()

    def _download(self, name: str, into: Path) -> Path:
        path = shelf.begin(into / f"{name}{UNFINISHED}")
        with path.open("wb") as file:
            for chunk in obstore.get(self._store, name).stream(min_chunk_size=_CHUNK):
                file.write(chunk)
        return path

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # of this machine's disk
            raise DependencyAway(
                f"{self.url} does not answer as it should; are AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, "
                f"AWS_SECRET_ACCESS_KEY and AWS_REGION right? {_first_sentence(error)}"
            ) from error


def _is_notes(name: str) -> bool:
    return "/" not in name and name.endswith(".json")


def _first_sentence(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]
