"""The measures of crawls: pages one after the other along `next`, the first of them beside the last.

A crawl starts with nothing cached, and each of its pages is asked for once. Rows are those of whole pages; the last
page of all may be shorter, and is left out.
"""

from tests.benchmarks import catalogue
from tests.benchmarks.clients import Client
from tests.benchmarks.results import Run, percentile


def measure(client: Client, run: Run, crawl: str, start: str, limit: int, rows: int) -> None:
    """Follow `next` from a page of that limit until so many rows have come, or there are no more."""
    seconds = _walk(client, start, pages=max(1, rows // limit))
    few = max(1, len(seconds) // 5)
    rate, first, last = catalogue.crawl_keys(crawl)
    run.add(rate, limit * len(seconds) / sum(seconds), pages=len(seconds))
    run.add(first, 1000 * percentile(seconds[:few], 0.5))
    run.add(last, 1000 * percentile(seconds[-few:], 0.5))


def _walk(client: Client, path: str, pages: int) -> list[float]:
    """The seconds of every page that another one follows."""
    seconds = list[float]()
    while path and len(seconds) < pages:
        answer = client.ask(path)
        answer.require_good()
        path = answer.following
        if path or not seconds:
            seconds.append(answer.seconds)
    return seconds
