"""Ports: the next free one, unless somebody insisted."""

import socket
from collections.abc import Iterator

import pytest

from deploy.local.ports import Ports, Wanted, unused
from pipelines.errors import DependencyAway


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that something listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_wanted_port_is_taken_silently() -> None:
    said: list[str] = []
    port = unused()
    assert Ports(said.append).choose(Wanted("the API", "ROSTERHUB_API_PORT", port, insisted=False)) == port
    assert said == []


def test_the_next_free_port_is_said(taken: int) -> None:
    said: list[str] = []
    port = Ports(said.append).choose(Wanted("the API", "ROSTERHUB_API_PORT", taken, insisted=False))
    assert port > taken
    assert str(taken) in said[0]
    assert "ROSTERHUB_API_PORT" in said[0]


def test_an_insisted_port_is_not_replaced(taken: int) -> None:
    with pytest.raises(DependencyAway, match=rf"port {taken} for the API .* ROSTERHUB_API_PORT"):
        Ports(print).choose(Wanted("the API", "ROSTERHUB_API_PORT", taken, insisted=True))


def test_two_stacks_that_start_together_choose_apart() -> None:
    wanted = Wanted("the API", "ROSTERHUB_API_PORT", unused(), insisted=False)
    one, other = Ports(print), Ports(print)
    assert one.choose(wanted) != other.choose(wanted)
