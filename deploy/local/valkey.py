"""The stack's own Valkey: a cache in memory, TCP on this machine only, random password, nothing kept on disk."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import redis

from deploy.local import secretfiles
from deploy.local.services import Service

_CONFIGURATION = """\
# Rewritten at every start.
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
daemonize no
maxmemory 256mb
maxmemory-policy allkeys-lru
save ""
appendonly no
"""


@dataclass(frozen=True)
class Valkey:
    """A server that listens on 127.0.0.1:`port`."""

    program: Path
    folder: Path
    port: int
    password: str

    def url(self, database: int = 0) -> str:
        """How clients reach it."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def service(self, log: Path) -> Service:
        """The process to supervise. The password is in a private file: a command line is everybody's to read."""
        configuration = self.folder / "valkey.conf"
        secretfiles.write(
            configuration, _CONFIGURATION.format(port=self.port, password=self.password, folder=_quoted(self.folder))
        )
        return Service(
            name="valkey",
            title="Valkey",
            command=(str(self.program), str(configuration)),
            log=log,
            ready=self.is_ready,
            where=f"127.0.0.1:{self.port}",
        )

    def is_ready(self) -> bool:
        """Whether it answers."""
        with contextlib.suppress(redis.RedisError), redis.Redis.from_url(self.url(), socket_timeout=2) as client:
            return bool(client.ping())
        return False


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def prepare(folder: Path, port: int, program: Path) -> Valkey:
    """The server of a folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Valkey(program, folder, port, secretfiles.password(folder / "password"))
