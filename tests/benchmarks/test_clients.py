"""The client that measures: it counts every answer once, whether connections are kept or closed, and never takes half
an answer, or another than 200, for one."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pipelines.errors import DependencyAway
from tests.benchmarks import catalogue, crawling, reading_while_publishing
from tests.benchmarks.clients import Address, Client
from tests.benchmarks.results import Run

BODY = b"x" * 300_000  # more than a client receives at once


@contextmanager
def server(respond: Callable[[str], bytes], *, closing: bool = False) -> Iterator[Address]:
    """Answers GETs with what `respond` makes of their paths; keeps connections unless `closing`."""

    def attend(connection: socket.socket) -> None:
        with connection:
            while asked := connection.recv(4096):
                connection.sendall(respond(asked.split()[1].decode()))
                if closing:
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=attend, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        yield Address("127.0.0.1", listening.getsockname()[1], "X-API-Key: k.s")
        listening.shutdown(socket.SHUT_RDWR)


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An answer as it goes over the wire."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize("closing", [False, True])
@pytest.mark.parametrize("connections", [1, 4])
def test_every_path_is_asked_for_once(closing: bool, connections: int) -> None:
    asked: list[str] = []

    def respond(path: str) -> bytes:
        asked.append(path)
        return answer(BODY, *(["Connection: close"] if closing else []))

    paths = [f"/{number}" for number in range(30)]
    with server(respond, closing=closing) as address:
        seconds = Client(address).ask_all(paths, connections)
    assert sorted(asked) == sorted(paths)
    assert len(seconds) == len(paths)
    assert min(seconds) > 0


def test_the_next_page_is_read_from_the_link_header() -> None:
    links = '<http://h/a?limit=2&offset=0>; rel="first", <http://h/a?limit=2&after=x%20y>; rel="next"'
    with server(lambda path: answer(b"{}", f"Link: {links}")) as address:
        assert Client(address).ask("/a").following == "/a?limit=2&after=x%20y"
    with server(lambda path: answer(b"{}", 'Link: <http://h/a?limit=2&offset=0>; rel="first"')) as address:
        assert Client(address).ask("/a").following == ""


@pytest.mark.parametrize(
    ("answered", "says"),
    [
        (answer(b"", status="503 Unavailable"), "GET /p was answered .*503"),
        (answer(b"short")[:-2], "ended in the middle"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "how long"),
    ],
)
def test_what_is_no_good_answer_is_said(answered: bytes, says: str) -> None:
    with server(lambda path: answered, closing=True) as address, pytest.raises(DependencyAway, match=says):
        Client(address).ask_all(["/p"])


def test_reads_at_a_steady_rate_count_what_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_while_publishing, "PER_SECOND", 1000)
    status = {"/good": "200 OK", "/bad": "500 Oh"}
    with server(lambda path: answer(b"", status=status[path]) if path in status else b"") as address:
        reads = reading_while_publishing.read_steadily(address, iter(["/good", "/bad", "/good"]))
    assert len(reads.seconds) == 2
    assert reads.failed == 1
    gone = reading_while_publishing.read_steadily(address, iter(["/good"]))
    assert (gone.seconds, gone.failed) == ([], 1)


@pytest.mark.parametrize(("rows", "pages"), [(1000, 3), (20, 2)])
def test_a_crawl_ends_with_its_rows_or_with_the_pages_and_leaves_the_last_of_all_out(rows: int, pages: int) -> None:
    def respond(path: str) -> bytes:
        number = int(path.partition("page=")[2])
        return answer(b"{}", *([f'Link: <http://h/x?page={number + 1}>; rel="next"'] if number < 4 else []))

    run = Run("quick", 10, {})
    with server(respond) as address:
        crawling.measure(Client(address), run, catalogue.CRAWL, "/x?page=1", 10, rows, lambda: None)
    assert set(run.found) == set(catalogue.crawl_keys(catalogue.CRAWL))
    (found, *_) = run.found.values()
    assert found.beside == {"pages": [pages]}


def test_the_ends_of_a_crawl_are_asked_for_in_turn_with_nothing_cached() -> None:
    asked: list[int] = []

    def respond(path: str) -> bytes:
        asked.append(int(path.partition("page=")[2]))
        return answer(b"{}", f'Link: <http://h/x?page={asked[-1] + 1}>; rel="next"')

    with server(respond) as address:
        crawling.measure(
            Client(address), Run("quick", 10, {}), catalogue.CRAWL, "/x?page=1", 1, 40, lambda: asked.append(0)
        )
    warming_up, ends = asked[41:-16], asked[-16:]
    assert asked[:41] == [*range(1, 41), 0]
    assert warming_up == [*range(9, 29)]
    assert ends == [page for number in range(1, 9) for page in (number, number + 32)]
