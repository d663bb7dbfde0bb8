"""A proxy before a server that makes the network slow: it carries each piece a little later."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_CHUNK = 65_536


@dataclass
class Proxy:
    """Listens on `port` of this machine; `delay` is what each piece waits in either direction, in seconds."""

    listener: socket.socket
    target: int
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
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """End it, and every connection through it."""
        self.listener.shutdown(socket.SHUT_RDWR)
        for one in (self.listener, *self._open):
            one.close()


@contextmanager
def before(port: int) -> Iterator[Proxy]:
    """A proxy before that port, which carries everything at once."""
    proxy = Proxy(socket.create_server(("127.0.0.1", 0)), port)
    threading.Thread(target=proxy.accept, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.close()
