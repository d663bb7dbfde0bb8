"""What waits in the landing folder, source by source: what the sensor and the nightly schedule decide by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pipelines import syncing
from pipelines.connecting import connect
from pipelines.landing.arrivals import Arrival, arrivals, misnamed, sources
from pipelines.roster.ledger import generation_of
from pipelines.settings import Settings
from pipelines.source_settings import of_source


@dataclass(frozen=True)
class Waiting:
    """One source: its oldest bundle that was not taken yet, if any, and the bundles that are still being uploaded.

    In a freeze window nothing is taken by schedule; `frozen_until` says until when.
    """

    source: str
    arrival: Arrival | None
    uploading: tuple[str, ...]
    generation: int
    frozen_until: date | None = None

    @property
    def request(self) -> str:
        """The key of a run that takes it: another arrival is another run, and so is the same one once something else
        was published, because what an arrival waited for may have happened."""
        assert self.arrival is not None, self.source  # noqa: S101  asked only where something waits
        return f"{self.source} {self.arrival.key} after {self.generation}"


def survey(settings: Settings) -> Iterator[Waiting]:
    """What waits, by source. Raises DependencyAway where the ledger cannot be asked."""
    for source in sources(settings.landing):
        frozen_until = of_source(settings.sources_file, source).frozen_until(date.today())
        arrival = None if frozen_until else syncing.next_arrival(settings, source)
        generation = _generation(settings, source) if arrival else 0
        yield Waiting(source, arrival, _uploading(settings, source), generation, frozen_until)


def _uploading(settings: Settings, source: str) -> tuple[str, ...]:
    complete = {arrival.path for arrival in arrivals(settings.landing, source, settings.stable_seconds)}
    begun = arrivals(settings.landing, source, stable_seconds=0)
    return tuple(arrival.name for arrival in begun if arrival.path not in complete)


def _generation(settings: Settings, source: str) -> int:
    with connect(settings.require_database_url()) as connection:
        return generation_of(connection, source)


def remarks(settings: Settings, waiting: list[Waiting]) -> list[str]:
    """Why what lies there is not taken now."""
    said = [f"{name} is no source name" for name in misnamed(settings.landing)]
    said += [f"{one.source}: frozen until {one.frozen_until}" for one in waiting if one.frozen_until]
    return said + [f"{one.source}: {name} is still being uploaded" for one in waiting for name in one.uploading]
