"""A relay before a server on this machine: it carries what is said, a little later where the network is to be slow, and
out of TLS where it stands for a server that encrypts."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_CHUNK = 65_536


@dataclass
class Relay:
    """Listens on `port` of this machine; `delay` is what each piece waits in either direction, in seconds.

    `tls`: what it talks TLS with, None for talking in the clear.
    """

    listener: socket.socket
    target: int
    tls: ssl.SSLContext | None = None
    delay: float = 0.0
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def accept(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                with suppress(OSError):  # no server, or a client that talks no TLS or doubts the certificate
                    self._join(self.tls.wrap_socket(client, server_side=True) if self.tls else client)

    def _join(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.target))
        self._open += [client, server]
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(_CHUNK):
                time.sleep(self.delay)
                sink.sendall(piece)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it, and every connection through it."""
        self.listener.shutdown(socket.SHUT_RDWR)
        for one in (self.listener, *self._open):
            one.close()


@contextmanager
def before(port: int, tls: ssl.SSLContext | None = None) -> Iterator[Relay]:
    """A relay before that port, which carries everything at once."""
    relay = Relay(socket.create_server(("127.0.0.1", 0)), port, tls)
    threading.Thread(target=relay.accept, daemon=True).start()
    try:
        yield relay
    finally:
        relay.close()
