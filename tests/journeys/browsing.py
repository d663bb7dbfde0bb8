"""A real browser for stories about pages: a chromium that is on the machine, driven by Playwright.

Playwright's own download is not used: it needs a host that many machines cannot reach, and no package of PyPI carries a
browser that runs without the system's libraries.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Request, sync_playwright
from werkzeug.serving import make_server

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
_VARIABLE = "ROSTERHUB_CHROMIUM"


def program() -> str:
    """The browser's path; the test is skipped where there is none."""
    named = os.environ.get(_VARIABLE)
    found = named or next(filter(None, map(shutil.which, _NAMES)), None) or _downloaded()
    if found is None:
        pytest.skip(f"no Chromium is here: install one (on Debian: apt install chromium), or name it in {_VARIABLE}")
    return found


def _downloaded() -> str | None:
    """What `playwright install chromium` has put there, where somebody ran it."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


@contextmanager
def browser() -> Iterator[Browser]:
    """The browser, without a window. As root it refuses its sandbox; it opens nothing but our own pages."""
    path = program()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of an application that answers real requests while the block lasts."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Watch:
    """What a page complains of, and whom it asks."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.requests: list[Request] = []
        page.on("console", lambda message: self._told(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108  Playwright marks the function

    def elsewhere(self, base: str) -> list[str]:
        """The requests that went to another address than that."""
        asked = [request.url for request in self.requests]
        return [url for url in asked if not url.startswith((f"{base}/", "data:", "blob:"))]

    def _told(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)
