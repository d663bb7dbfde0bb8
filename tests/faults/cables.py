"""Another machine that two cables join to this one: a network namespace. One cable can be cut while the other holds.

A cut cable says nothing: what is sent goes to a card that is not there and is never acknowledged, as when a switch dies
between two machines. A connection of one machine with itself cannot be cut like this. Only root may lay cables.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

_NOBODY = "02:00:00:00:00:01"  # the address of no card


@dataclass(frozen=True)
class Cable:
    """Joins the other machine, `there`, to this one, `here`. `card` is its end on this side, the other's is `far`."""

    namespace: str
    card: str
    far: str
    here: str
    there: str

    def lay(self) -> None:
        """Put it in, with an address at both ends."""
        _ip("link", "add", self.card, "type", "veth", "peer", "name", self.far, "netns", self.namespace)
        _ip("addr", "add", f"{self.here}/30", "dev", self.card)
        _ip("link", "set", self.card, "up")
        self._over_there("addr", "add", f"{self.there}/30", "dev", self.far)
        self._over_there("link", "set", self.far, "up")

    def cut(self) -> None:
        """From now on nothing gets through, either way."""
        _ip("neigh", "replace", self.there, "lladdr", _NOBODY, "nud", "permanent", "dev", self.card)
        self._over_there("neigh", "replace", self.here, "lladdr", _NOBODY, "nud", "permanent", "dev", self.far)

    def mend(self) -> None:
        """Carry again."""
        _ip("neigh", "del", self.there, "dev", self.card)
        self._over_there("neigh", "del", self.here, "dev", self.far)

    def _over_there(self, *arguments: str) -> None:
        _ip("-n", self.namespace, *arguments)


@dataclass(frozen=True)
class Machine:
    """The other machine: clients reach it by `clients`, it reaches the servers of this one by `servers`."""

    namespace: str
    clients: Cable
    servers: Cable

    def command(self, *command: str) -> tuple[str, ...]:
        """The command as it is given to run there. The process is the same, its network another."""
        return ("ip", "netns", "exec", self.namespace, *command)


@contextmanager
def machine() -> Iterator[Machine]:
    """The machine while the block lasts. The test is skipped where none can be had."""
    if os.geteuid() != 0:
        pytest.skip("only root may lay cables between network namespaces")
    name = f"rosterhub{os.getpid()}"
    try:
        _ip("netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespace can be made here: {error}")
    try:
        clients = Cable(name, f"c{os.getpid()}", "clients", "10.231.7.1", "10.231.7.2")
        servers = Cable(name, f"s{os.getpid()}", "servers", "10.231.7.5", "10.231.7.6")
        for cable in (clients, servers):
            cable.lay()
        yield Machine(name, clients, servers)
    finally:
        _ip("netns", "del", name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
