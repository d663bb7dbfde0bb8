"""Servers that are reached over TLS alone, and who vouches for them: an authority of the test's own.

PostgreSQL is the system's, since the packaged one was built without encryption, as was the packaged Valkey: before that
one stands a relay (tests/relays.py) that does the talking.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from deploy.local import binaries
from deploy.local.postgres import DATABASES, OWNER, Postgres
from deploy.validation import certificates
from tests.journeys import running

HOST = "localhost"
_ONLY_ENCRYPTED = """\
hostssl all certified 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, in files."""

    certificate: Path
    key: Path

    @property
    def tls(self) -> ssl.SSLContext:
        """What its owner talks TLS with, as a server."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True)
class Authority:
    """Vouches for servers and clients by its signature."""

    own: Certificate

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        """A new one, whom nobody knows yet."""
        folder.mkdir(parents=True)
        own = Certificate(folder / "ca.crt", folder / "ca.key")
        certificates.issue("an authority", own.certificate, own.key)
        return cls(own)

    def vouch(self, name: str, host: str = HOST) -> Certificate:
        """A certificate for a server of that host, or for a client of that name."""
        made = Certificate(self.own.key.parent / f"{name}.crt", self.own.key.parent / f"{name}.key")
        signed = ("-CA", self.own.certificate, "-CAkey", self.own.key, "-addext", f"subjectAltName=DNS:{host}")
        is_none = ("-addext", "basicConstraints=critical,CA:FALSE")
        certificates.issue(name, made.certificate, made.key, *signed, *is_none)
        return made


@dataclass(frozen=True)
class EncryptedPostgres:
    """A PostgreSQL that refuses plain connections."""

    server: Postgres
    authority: Authority

    def url(self, database: str = DATABASES[0], user: str = OWNER, **parameters: str) -> str:
        """How to reach it: verified, unless the parameters of libpq say otherwise."""
        plain = urlsplit(self.server.url(database, user))
        asked = {"sslmode": "verify-full", "sslrootcert": str(self.authority.own.certificate), **parameters}
        return plain._replace(netloc=plain.netloc.replace("127.0.0.1", HOST), query=urlencode(asked)).geturl()


@contextmanager
def postgres(folder: Path, authority: Authority) -> Iterator[EncryptedPostgres]:
    """Such a server while the block lasts; skipped where no PostgreSQL is that can encrypt."""
    server = running.own_postgres(folder, _programs())
    made = authority.vouch("postgres")
    for name, content in {
        "tls.crt": made.certificate.read_text(),
        "tls.key": made.key.read_text(),
        "ca.crt": authority.own.certificate.read_text(),
        "hba": _ONLY_ENCRYPTED,
    }.items():
        (server.folder / name).write_text(content)
        (server.folder / name).chmod(0o600)
    server.account.own(server.folder)
    files = {"ssl_cert_file": "tls.crt", "ssl_key_file": "tls.key", "ssl_ca_file": "ca.crt", "hba_file": "hba"}
    settings = ["ssl=on", "fsync=off", *(f"{name}={server.folder / file}" for name, file in files.items())]
    service = server.service(server.folder / "log", *(part for setting in settings for part in ("-c", setting)))
    with running.running(service):
        yield EncryptedPostgres(server, authority)


def _programs() -> binaries.PostgresPrograms:
    folders = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"))
    if not folders:
        pytest.skip("no PostgreSQL that can encrypt: on Debian, apt install postgresql")
    return binaries.postgres(folders[-1])
