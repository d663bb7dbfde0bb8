"""What the handlers of one application share: settings, connections, and what is remembered."""

from dataclasses import dataclass

from api.caching import Cache
from api.database import Database
from api.gauges import Gauges
from api.maintenance import Maintenance
from api.metrics import Metrics
from api.places import Places
from api.query.recall import Recall
from api.security.audit.trail import Trail
from api.security.keys import Keyring
from api.security.limits import Limiter
from api.security.tokens import Tokens
from api.settings import Settings
from api.sources import Catalogue


@dataclass(frozen=True)
class Hub:
    """One per application. Nothing in it connects before it is asked, so it may be made before workers are forked."""

    settings: Settings
    metrics: Metrics
    database: Database
    maintenance: Maintenance
    cache: Cache
    places: Places
    keys: Keyring
    tokens: Tokens
    limiter: Limiter
    trail: Trail
    catalogue: Catalogue
    recall: Recall

    @classmethod
    def of(cls, settings: Settings) -> "Hub":
        """Everything that those settings ask for."""
        metrics, database = Metrics(), Database(settings)
        maintenance = Maintenance(database, settings.maintenance)
        metrics.include(Gauges(database, maintenance))
        keys, cache = Keyring(database), Cache(settings, metrics.count_cache)
        return cls(
            settings=settings,
            metrics=metrics,
            database=database,
            maintenance=maintenance,
            cache=cache,
            places=Places(cache),
            keys=keys,
            tokens=Tokens(settings.token_key, settings.token_seconds, keys),
            limiter=Limiter(settings, metrics.count_limit),
            trail=Trail(settings, metrics.count_audit),
            catalogue=Catalogue(database, settings.default_source),
            recall=Recall(),
        )

    def close(self) -> None:
        """Give connections back and write down what is left; used when the process ends."""
        self.trail.close()
        self.database.close()
