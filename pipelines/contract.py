"""What pipelines and api agree on at the store: tables, columns every roster table has, roles, keys in Redis.

Neither side's logic enters; a name that only one side uses stays on that side.
"""

import hashlib
import re
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

SOURCE_PATTERN = re.compile(r"[a-z0-9][a-z0-9_]*")

# Columns that every roster table has beside the entity's own.
SOURCE = "source"
SOURCED_ID = "sourced_id"
STATUS = "status"
PUBLICATION = "publication_id"  # the publication that last changed what the record shows; its moment is the date served
SENT_DATE = "sent_date_last_modified"  # the source's own date: orders deltas, is never content
METADATA = "metadata"
DANGLING = "dangling"  # optional references as sent whose target is nowhere yet: {"parentSourcedId": ["x"]}

ACTIVE = "active"
TOMBSTONE = "tobedeleted"

# Tables that are not entities.
PUBLICATIONS = "publications"  # the ledger
SOURCES = "sources"  # one row per source: the generation served, flags
WAITING_ROWS = "waiting_rows"  # delta rows whose required target has not come yet
CHANGES = "changes"  # the change feed: which records each generation moved, and how
TOTALS = "totals"  # how many records of an entity the source has, as of a generation
API_KEYS = "api_keys"
AUDIT_LOGS = "api_key_audit_logs"
RUN_STATES = "run_states"  # how many runs of a job Dagster has in each state, as its daemon told last
LAST_RUNS = "last_runs"  # how the last run of a job and source ended
MAINTENANCE = "maintenance"  # one row while nothing but probes is to be answered, and nothing started
SCHEMA_VERSION = "alembic_version"
BACKUPS = "backups"  # one row per backup: when, how large, whether it restored. Only told; the shelf is the truth

# How long the API may take a generation for the one now served. A publication's moment lies later than that.
GENERATION_REMEMBERED_SECONDS = 0.5


class ChangeKind(StrEnum):
    """What a generation did to a record, as the change feed tells it."""

    CREATED = "created"
    CHANGED = "changed"  # the record shows something else, be it an embedded row
    RETURNED = "returned"  # a tombstone became active
    DELETED = "deleted"  # it became a tombstone
    PURGED = "purged"  # the tombstone is no longer there


CHANGES_IN_A_ROW = 1_000  # records at most: few rows for a first load, little to read for a page

# Roles of the database; what each may is in pipelines.roster.grants. Users who log in are made members of them.
API_ROLE = "rosterhub_api"
PIPELINES_ROLE = "rosterhub_pipelines"
BACKUP_ROLE = "rosterhub_backup"
MONITORING_ROLE = "rosterhub_monitoring"

CACHE_PREFIX = "cache:"
GENERATION_CHANNEL = "rosterhub:generations"

# What REDIS_URL may say of encryption: redis-py's names, of which it takes a misspelt one for a bug when it connects.
REDIS_TLS = (
    *("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_password", "ssl_cert_reqs"),
    *("ssl_check_hostname", "ssl_min_version", "ssl_ciphers"),
)


def is_source_name(name: str) -> bool:
    """Source names are folder names, partition keys and URL segments, so they are plain."""
    return SOURCE_PATTERN.fullmatch(name) is not None


def hash_secret(secret: str) -> bytes:
    """A key's secret as `api_keys.secret_hash` keeps it: SHA-256. Random 256-bit values need no salt and no rounds."""
    return hashlib.sha256(secret.encode()).digest()


def redis_url(text: str) -> str:
    """The URL of a Redis as it was given; ValueError says what is wrong with it."""
    url = urlsplit(text)
    if url.scheme not in ("redis", "rediss", "unix"):
        raise ValueError("a URL is expected that starts with redis:// or rediss:// or unix://")
    about_tls = [name for name, _ in parse_qsl(url.query) if name.startswith("ssl_")]
    if about_tls and url.scheme != "rediss":
        raise ValueError(f"{about_tls[0]} is about encryption, which takes rediss:// in place of {url.scheme}://")
    if unknown := [name for name in about_tls if name not in REDIS_TLS]:
        raise ValueError(f"{unknown[0]} is not known; there are {', '.join(REDIS_TLS)}")
    return text
