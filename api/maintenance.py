"""Whether requests are turned away: MAINTENANCE_MODE, or the switch in the database that every machine sees.

The switch is thrown by `rosterhub maintenance`; here it is only looked at. While the database is away, what it said
last holds.
"""

from threading import Lock
from time import monotonic

import psycopg
from psycopg import sql

from api.database import Database
from pipelines.contract import MAINTENANCE

_REMEMBERED_SECONDS = 2.0
_SWITCH = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(MAINTENANCE)).as_bytes()


class Maintenance:
    """The switch as one worker process knows it; at most two seconds old where the database answers."""

    def __init__(self, database: Database, always: bool) -> None:
        self._database = database
        self._always = always
        self._is_on = False
        self._until: float | None = None  # it was never looked at
        self._looking = Lock()

    def is_on(self) -> bool:
        """Whether nothing but probes is to be answered. Raises nothing.

        One thread looks, the others go on with what was known; only before the first look do all of them wait.
        """
        if self._always:
            return True
        is_first = self._until is None
        if (is_first or monotonic() >= (self._until or 0)) and self._looking.acquire(blocking=is_first):
            try:
                self._look_unless_done(is_first)
            finally:
                self._looking.release()
        return self._is_on

    def _look_unless_done(self, is_first: bool) -> None:
        if is_first and self._until is not None:  # somebody did while this thread waited
            return
        try:
            with self._database.snapshot() as cursor:
                (self._is_on,) = cursor.execute(_SWITCH).fetchone() or (False,)
        except psycopg.Error:
            pass  # away, or not migrated yet
        finally:
            self._until = monotonic() + _REMEMBERED_SECONDS
