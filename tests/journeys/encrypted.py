"""Servers that are reached over TLS alone, and who vouches for them: an authority of the test's own.

PostgreSQL is the system's, since the packaged one was built without encryption, as was the packaged Valkey: before that
one stands a relay that does the talking.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from deploy.local import binaries
from deploy.local.postgres import DATABASES, OWNER, Postgres
from deploy.validation import tools
from tests.journeys import running

HOST = "localhost"
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
_ONLY_ENCRYPTED = """\
hostssl all certified 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 scram-sha-256
"""
_CHUNK = 65_536


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, in files."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """Vouches for servers and clients by its signature."""

    own: Certificate

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        """A new one, whom nobody knows yet."""
        folder.mkdir(parents=True)
        own = Certificate(folder / "ca.crt", folder / "ca.key")
        _openssl(*("req", "-x509", *_CURVE, "-subj", "/CN=an authority"), *_into(own))
        return cls(own)

    def vouch(self, name: str, host: str = HOST) -> Certificate:
        """A certificate for a server of that host, or for a client of that name."""
        made = Certificate(self.own.key.parent / f"{name}.crt", self.own.key.parent / f"{name}.key")
        signed = ("-CA", self.own.certificate, "-CAkey", self.own.key, "-addext", f"subjectAltName=DNS:{host}")
        is_none = ("-addext", "basicConstraints=critical,CA:FALSE")
        _openssl(*("req", "-x509", *_CURVE, "-subj", f"/CN={name}", *signed, *is_none), *_into(made))
        return made


def _into(made: Certificate) -> tuple[str | Path, ...]:
    return ("-keyout", made.key, "-out", made.certificate)


def _openssl(*arguments: str | Path) -> None:
    done = tools.run("openssl", *arguments)
    assert done.returncode == 0, tools.complaint(done)


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


@contextmanager
def relay(port: int, own: Certificate) -> Iterator[int]:
    """Takes TLS connections, and carries what is said on them to that port in the clear; the port it takes them at."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own.certificate, own.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, context, port), daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):
        while True:
            plain, _ = listener.accept()
            with suppress(OSError):  # whoever does not talk TLS, or does not like the certificate
                client = context.wrap_socket(plain, server_side=True)
                server = socket.create_connection(("127.0.0.1", port))
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=_carry, args=(source, sink), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_CHUNK):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)
