"""Whether anything may be started now: MAINTENANCE_MODE, or the switch that `rosterhub maintenance` throws."""

from contextlib import suppress
from threading import Lock

from pipelines import maintenance
from pipelines.errors import DependencyAway
from pipelines.settings import Settings

BY_SETTING = "maintenance mode: MAINTENANCE_MODE is on"


class Pause:
    """What the switch said last, for the time that the database is away: often it is what is being maintained."""

    def __init__(self) -> None:
        self._reason: str | None = None
        self._lock = Lock()

    def reason(self, settings: Settings) -> str | None:
        """Why nothing is to be started; None if nothing speaks against it. Raises Refused before the migration."""
        if settings.maintenance_mode:
            return BY_SETTING
        with self._lock:
            with suppress(DependencyAway):  # what was known holds; whoever needs the database will say that it is away
                self._reason = _told(maintenance.state(settings.require_database_url()))
            return self._reason


def _told(switched: maintenance.Switched | None) -> str | None:
    if switched is None:
        return None
    return f"maintenance mode: {switched.reason}, since {switched.since:%Y-%m-%d %H:%M %Z}"


PAUSE = Pause()
