"""What the handlers of one application share: settings, connections, and what is remembered."""

from dataclasses import dataclass

from api.caching import Cache
from api.database import Database
from api.metrics import Metrics
from api.query.reading import Recall
from api.security.keys import Keyring
from api.settings import Settings
from api.sources import Catalogue


@dataclass(frozen=True)
class Hub:
    """One per application. Nothing in it connects before it is asked, so it may be made before workers are forked."""

    settings: Settings
    metrics: Metrics
    database: Database
    cache: Cache
    keys: Keyring
    catalogue: Catalogue
    recall: Recall

    @classmethod
    def of(cls, settings: Settings) -> "Hub":
        """Everything that those settings ask for."""
        metrics, database = Metrics(), Database(settings)
        return cls(
            settings=settings,
            metrics=metrics,
            database=database,
            cache=Cache(settings, metrics.count_cache),
            keys=Keyring(database),
            catalogue=Catalogue(database, settings.default_source),
            recall=Recall(),
        )
