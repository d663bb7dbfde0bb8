"""Whether what goes to PostgreSQL and Redis on other machines is encrypted, and whose certificate is asked for.

Within one machine nothing has to be. What the servers themselves refuse is theirs to say.
"""

import os
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pipelines.doctor.diagnosis import Diagnosis, ok, warn
from pipelines.settings import Settings

_CHECK = "encryption"
_ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})  # libpq's words for: encrypted or not at all
_VERIFIED = frozenset({"verify-ca", "verify-full"})
_WHERE = "see Encryption in transit in docs/operator.md"
_ALONE = "or be sure that nobody else is on the network between"


def postgres(connection: psycopg.Connection, settings: Settings) -> Diagnosis:
    """Each database that is set: DATABASE_URL by the connection that it gave, the others by what they ask for."""
    distant = {name: url for name, url in settings.postgres_urls.items() if not _is_near(url)}
    in_use = {"DATABASE_URL"} if connection.pgconn.ssl_in_use else set()
    plain = [name for name, url in distant.items() if name not in in_use and _mode(url) not in _ENCRYPTED]
    unverified = [name for name, url in distant.items() if _mode(url) not in _VERIFIED]
    if plain:
        found = f"{', '.join(plain)}: another machine, and nothing says that what goes there is encrypted"
        return warn(_CHECK, found, f"add sslmode=verify-full and sslrootcert= to it, {_ALONE}: {_WHERE}")
    if unverified:
        found = f"{', '.join(unverified)}: encrypted, whoever it is that answers"
        return warn(_CHECK, found, f"add sslmode=verify-full and sslrootcert= to it: {_WHERE}")
    return ok(_CHECK, "PostgreSQL: encrypted and verified" if distant else "PostgreSQL is on this machine")


def redis_server(settings: Settings) -> Diagnosis:
    """REDIS_URL by what it asks for."""
    url = urlsplit(settings.redis_url or "unix:")
    if url.scheme == "unix" or _is_here(url.hostname or ""):
        return ok(_CHECK, "Redis is on this machine" if settings.redis_url else "there is no Redis")
    if url.scheme != "rediss":
        found = "REDIS_URL: another machine, and what goes there is not encrypted"
        return warn(_CHECK, found, f"make it rediss:// with ssl_ca_certs=, {_ALONE}: {_WHERE}")
    if parse_qs(url.query).get("ssl_cert_reqs") == ["none"]:
        return warn(_CHECK, "REDIS_URL: encrypted, whoever it is that answers", f"drop ssl_cert_reqs=none: {_WHERE}")
    return ok(_CHECK, "Redis: encrypted and verified")


def _is_near(url: str) -> bool:
    """Whether all its servers are on this machine."""
    asked = conninfo_to_dict(url)
    hosts = str(asked.get("hostaddr") or asked.get("host") or os.environ.get("PGHOST", ""))
    return all(_is_here(host) for host in hosts.split(","))


def _is_here(host: str) -> bool:
    """Whether that is this machine: a socket's folder (or none), a name or an address that leads back."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"} or host.startswith(("/", "@"))


def _mode(url: str) -> str:
    return str(conninfo_to_dict(url).get("sslmode") or os.environ.get("PGSSLMODE", "prefer"))
