"""The audit log of one worker process: what its requests add, and the two threads that bring it to PostgreSQL.

One writes rows down twice a second, so that a killed worker loses half a second of them; the other brings over what is
written down, and may hang on a database that does not answer without holding up the first, or any request.
"""

import logging
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

import psycopg
from flask import Flask, Response, request

from api.security import callers
from api.security.audit.rows import row
from api.security.audit.shipping import Shipping
from api.security.audit.spool import Spool
from api.settings import Settings

LOG = logging.getLogger("rosterhub.api")

_LOGGED = ("/ims/", "/sources/", "/oauth/")  # not probes, metrics and documentation
_EVERY_SECONDS = 0.5
_AWAY_SECONDS = 1.0  # how long a database that is away is left alone
_AT_MOST = 50_000  # rows in memory: more than half a second can bring
_END_SECONDS = 5.0


class Trail:
    """`count` is told what becomes of rows, and of how many: written, spooled (for lack of a database) or dropped."""

    def __init__(self, settings: Settings, count: Callable[[str, int], None]) -> None:
        self._settings = settings
        self._count = count
        self._rows: SimpleQueue[bytes] = SimpleQueue()
        self._spool = Spool(settings.spool, settings.audit_spool_mib * 2**20)
        self._shipping = Shipping(settings)
        self._is_away = False
        self._ending = Event()
        self._threads: list[Thread] = []
        self._lock = Lock()

    def register(self, app: Flask) -> None:
        """Log every request for data or a token from now on, whatever its answer is."""
        app.after_request(self._log)

    def close(self) -> None:
        """Bring over what is there, or leave it in the spool; used when the process ends."""
        self._ending.set()
        for thread in self._threads:
            thread.join(_END_SECONDS)
        self._write_down()
        if not any(thread.is_alive() for thread in self._threads):
            self._ship()
            self._shipping.close()
        self._spool.close_file()

    def _log(self, response: Response) -> Response:
        if request.path.startswith(_LOGGED):
            if not self._threads:
                self._start()
            if self._rows.qsize() < _AT_MOST:
                self._rows.put(row(request, response, callers.sender(request, self._settings.trusted_proxies)))
            else:
                self._count("dropped", 1)
        return response

    def _start(self) -> None:
        """Threads do not survive a fork, so they are started by the first request that a worker answers."""
        with self._lock:
            if not self._threads:
                self._threads = [
                    Thread(target=self._repeat, args=(work,), name=work.__name__, daemon=True)
                    for work in (self._write_down, self._ship)
                ]
                for thread in self._threads:
                    thread.start()

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self._ending.wait(_EVERY_SECONDS):
            work()

    def _write_down(self) -> None:
        rows = self._waiting()
        if not rows:
            return
        try:
            dropped = self._spool.append(rows)
        except OSError as error:
            LOG.error(
                "the audit log cannot be written to %s: %s; set ROSTERHUB_AUDIT_SPOOL", error.filename, error.strerror
            )
            self._count("dropped", len(rows))
            return
        if self._is_away:
            self._count("spooled", len(rows))
        if dropped:
            LOG.error("the audit log's spool is full: its oldest %d rows were dropped", dropped)
            self._count("dropped", dropped)

    def _waiting(self) -> list[bytes]:
        rows = []
        try:
            while True:
                rows.append(self._rows.get_nowait())
        except Empty:
            return rows

    def _ship(self) -> None:
        if self._spool.is_empty:
            return
        try:
            self._shipping.connect()
            self._spool.close_file()
            self._spool.hand_over(self._send)
            self._is_away = False
        except psycopg.Error as error:
            self._shipping.close()
            if not self._is_away:
                LOG.error("the audit log's database is away (%s): rows wait in the spool", type(error).__name__)
            self._is_away = True
            self._ending.wait(_AWAY_SECONDS)

    def _send(self, rows: list[bytes]) -> None:
        written = self._shipping.send(rows)
        self._count("written", written)
