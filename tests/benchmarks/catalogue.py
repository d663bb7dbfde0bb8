"""What is measured, said once: every measure with its unit, its anchors and what it aims at.

Tables, the documentation and the order of reports are readings of `MEASURES`. How anything is measured is not here.
"""

from dataclasses import dataclass
from typing import Literal

COPY_INTO_INDEXES = "copy_into_indexes"
COPY_THEN_INDEXES = "copy_then_indexes"
SYNC_FIRST = "sync_first"
SYNC_PEAK = "sync_peak"
SYNC_CHANGED = "sync_changed"
SYNC_DELTA = "sync_delta"
SYNC_UNCHANGED = "sync_unchanged"
READ_PAGES = "read_pages"
PAGE_UNCACHED = "page_uncached"
PAGE_CACHED = "page_cached"
SINGLE_UNCACHED = "single_uncached"
DEEP_UNCACHED = "deep_uncached"
FIRST_PAGE_MS = "first_page_ms"
DEEP_PAGE_MS = "deep_page_ms"
CRAWL_ROWS = "crawl_rows"
CRAWL_START_MS = "crawl_start_ms"
CRAWL_END_MS = "crawl_end_ms"

Direction = Literal["at most", "at least"]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a measure is held against: a multiple of another measure of the same run, or a plain amount of its unit.

    Without `bound` the ratio is shown and nothing is aimed at.
    """

    anchor: str = ""  # key of a measure; "" for an amount
    bound: float | None = None
    direction: Direction = "at most"

    def is_met(self, value: float, anchor: float = 1.0) -> bool | None:
        """Whether a median reaches the aim; None where there is nothing to reach."""
        if self.bound is None:
            return None
        reached = value / anchor
        return reached <= self.bound if self.direction == "at most" else reached >= self.bound


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured. `unit` is that of its samples."""

    key: str
    title: str
    unit: str
    aims: tuple[Aim, ...] = ()


MEASURES = (
    Measure(COPY_INTO_INDEXES, "(a) bare COPY into tables with keys and indexes", "s"),
    Measure(COPY_THEN_INDEXES, "(b) bare COPY into tables with keys, indexes built afterwards", "s"),
    Measure(SYNC_FIRST, "first sync", "s", (Aim(COPY_INTO_INDEXES, 1.0), Aim(COPY_THEN_INDEXES, 1.0))),
    Measure(SYNC_PEAK, "first sync, peak memory", "MiB", (Aim("", 2560.0),)),
    Measure(SYNC_CHANGED, "sync with 0.1 % of the rows changed", "s", (Aim(COPY_THEN_INDEXES, 0.5),)),
    Measure(SYNC_DELTA, "sync of a delta about 1 % of the pupils", "s", (Aim(COPY_THEN_INDEXES),)),
    Measure(SYNC_UNCHANGED, "sync of the unchanged bundle", "s", (Aim("", 1.0),)),
    Measure(READ_PAGES, "(c) the rows of a page in a loop: psycopg and orjson, one process, no HTTP", "pages/s"),
    Measure(PAGE_UNCACHED, "page of 100 users, not cached", "requests/s", (Aim(READ_PAGES, None, "at least"),)),
    Measure(PAGE_CACHED, "page of 100 users, cached", "requests/s", (Aim(READ_PAGES, None, "at least"),)),
    Measure(SINGLE_UNCACHED, "single user, not cached", "requests/s", (Aim(READ_PAGES, None, "at least"),)),
    Measure(DEEP_UNCACHED, "page of 100 users at a random offset, not cached", "requests/s"),
    Measure(FIRST_PAGE_MS, "one client: page of 100 users at the beginning", "ms"),
    Measure(DEEP_PAGE_MS, "one client: page of 100 users at a random deep offset", "ms", (Aim(FIRST_PAGE_MS, 3.0),)),
    Measure(CRAWL_ROWS, "crawl of enrollments along `next`", "rows/s", (Aim("", 60_000.0, "at least"),)),
    Measure(CRAWL_START_MS, "that crawl: its first pages", "ms"),
    Measure(CRAWL_END_MS, "that crawl: its last pages", "ms", (Aim(CRAWL_START_MS, 1.3),)),
)

BY_KEY = {measure.key: measure for measure in MEASURES}
