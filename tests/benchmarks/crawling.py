"""The measures of crawls: pages one after the other along `next`, and its first pages beside its last.

A crawl starts with nothing cached, and each of its pages is asked for once. Rows are those of whole pages; the last
page of all may be shorter, and is left out. Afterwards, with nothing cached again, its first and its last pages are
asked for in turn: a machine may be faster at the beginning of a crawl than at its end, whatever the pages cost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.benchmarks import catalogue
from tests.benchmarks.clients import Client
from tests.benchmarks.results import Run, percentile

_MOST_IN_TURN = 100  # pages of either end
_WARM_UP = 20  # pages, after which every worker has prepared its statements


@dataclass
class Walk:
    """The pages of a crawl, and the seconds of each."""

    paths: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def measure(
    client: Client, run: Run, crawl: str, start: str, limit: int, rows: int, forget: Callable[[], None]
) -> None:
    """Follow `next` from a page of that limit until so many rows have come, or there are no more. `forget` leaves
    nothing cached."""
    walk = _walk(client, start, pages=max(1, rows // limit))
    rate, first, last = catalogue.crawl_keys(crawl)
    run.add(rate, limit * len(walk.paths) / sum(walk.seconds), pages=len(walk.paths))
    forget()
    early, late = _in_turn(client, walk.paths)
    run.add(first, 1000 * percentile(early, 0.5))
    run.add(last, 1000 * percentile(late, 0.5))


def _walk(client: Client, path: str, pages: int) -> Walk:
    """Every page that another one follows."""
    walk = Walk()
    while path and len(walk.paths) < pages:
        answer = client.ask(path)
        answer.require_good()
        if answer.following or not walk.paths:
            walk.paths.append(path)
            walk.seconds.append(answer.seconds)
        path = answer.following
    return walk


def _in_turn(client: Client, paths: list[str]) -> tuple[list[float], list[float]]:
    """The seconds of the first pages and of the last, a fifth of all, each asked for once."""
    few = min(max(1, len(paths) // 5), _MOST_IN_TURN)
    client.ask_all(paths[few : few + _WARM_UP], connections=1)
    asked = [path for pair in zip(paths[:few], paths[-few:], strict=True) for path in pair]
    seconds = client.ask_all(asked, connections=1)
    return seconds[::2], seconds[1::2]
