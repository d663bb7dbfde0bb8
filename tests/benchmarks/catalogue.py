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
SYNC_BY_COMMAND = "sync_by_command"
SYNC_BY_RUN = "sync_by_run"
ORCHESTRATION = "orchestration"
READ_PAGES = "read_pages"
RAW_PAGE = "raw_page"
RAW_ENROLLMENTS = "raw_enrollments"
RAW_SINGLE = "raw_single"
RAW_DEEP = "raw_deep"
EDFI_PAGE = "edfi_page"
EDFI_SINGLE = "edfi_single"
EDFI_DEEP = "edfi_deep"
EDFI_FILTER = "edfi_filter"
EDFI_SORT = "edfi_sort"
PAGE_UNCACHED = "page_uncached"
PAGE_CACHED = "page_cached"
ENROLLMENTS_UNCACHED = "enrollments_uncached"
SINGLE_UNCACHED = "single_uncached"
SINGLE_BY_TOKEN = "single_by_token"
DEEP_UNCACHED = "deep_uncached"
FILTER_NAME = "filter_name"
FILTER_EMAIL = "filter_email"
FILTER_FEW_CHANGES = "filter_few_changes"
FILTER_ALL_CHANGES = "filter_all_changes"
SORTED_UNCACHED = "sorted_uncached"
NESTED_UNCACHED = "nested_uncached"
LIMITED_PAGE = "limited_page"
LIMITED_SINGLE = "limited_single"
FIRST_PAGE_MS = "first_page_ms"
DEEP_PAGE_MS = "deep_page_ms"
CRAWL = "crawl"
SMALL_CRAWL = "small_crawl"
SORTED_CRAWL = "sorted_crawl"
READS_IDLE_MS = "reads_idle_ms"
READS_DURING_CHANGES_MS = "reads_during_changes_ms"
READS_DURING_FIRST_MS = "reads_during_first_ms"
READS_IDLE_BOTH_MS = "reads_idle_both_ms"
READS_FAILED = "reads_failed"

Direction = Literal["at most", "at least"]

_RATE = "requests/s"


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
    quoted: float | None = None  # of an anchor that was measured elsewhere, and never is here


def crawl_keys(crawl: str) -> tuple[str, str, str]:
    """The measures of a crawl: rows per second, and how long its first and its last pages take."""
    return f"{crawl}_rows", f"{crawl}_start_ms", f"{crawl}_end_ms"


def _crawl(crawl: str, title: str, *aims: Aim) -> tuple[Measure, ...]:
    rows, start, end = crawl_keys(crawl)
    return (
        Measure(rows, title, "rows/s", aims),
        Measure(start, f"{title}: its first pages", "ms"),
        Measure(end, f"{title}: its last pages", "ms", (Aim(start, 1.3),)),
    )


def _least(anchor: str, bound: float | None = None) -> Aim:
    return Aim(anchor, bound, "at least")


_LOADING = (
    Measure(COPY_INTO_INDEXES, "(a) bare COPY into tables with keys and indexes", "s"),
    Measure(COPY_THEN_INDEXES, "(b) bare COPY into tables with keys, indexes built afterwards", "s"),
    Measure(SYNC_FIRST, "first sync", "s", (Aim(COPY_INTO_INDEXES, 1.0), Aim(COPY_THEN_INDEXES, 1.0))),
    Measure(SYNC_PEAK, "first sync, peak memory", "MiB", (Aim("", 2560.0),)),
    Measure(SYNC_CHANGED, "sync with 0.1 % of the rows changed", "s", (Aim(COPY_THEN_INDEXES, 0.5),)),
    Measure(SYNC_DELTA, "sync of a delta about 1 % of the pupils", "s", (Aim(COPY_THEN_INDEXES),)),
    Measure(SYNC_UNCHANGED, "sync of the unchanged bundle", "s", (Aim("", 1.0),)),
    Measure(SYNC_BY_COMMAND, "(h) sync of a moderate district with a tenth of its rows changed, by command", "s"),
    Measure(SYNC_BY_RUN, "the same as a run of Dagster", "s", (Aim(SYNC_BY_COMMAND),)),
    Measure(ORCHESTRATION, "what Dagster adds to a sync", "s", (Aim("", 5.0),)),
)

# Ed-Fi's OneRoster 1.2 API (Node and PostgreSQL), measured once over 100,000 users and 1,000,000 enrollments on
# another machine with two cores. So ratios with it are rough.
_QUOTED = (
    Measure(EDFI_PAGE, "Ed-Fi's page of 100 users (quoted)", _RATE, quoted=54.0),
    Measure(EDFI_SINGLE, "Ed-Fi's single user (quoted)", _RATE, quoted=72.0),
    Measure(EDFI_DEEP, "Ed-Fi's page of users at offset 50,000 (quoted)", _RATE, quoted=4.4),
    Measure(EDFI_FILTER, "Ed-Fi's filter `familyName=` (quoted)", _RATE, quoted=18.9),
    Measure(EDFI_SORT, "Ed-Fi's sort by `familyName` (quoted)", _RATE, quoted=8.9),
)

_ANCHORS_OF_READING = (
    Measure(READ_PAGES, "(c) the rows of a page in a loop: psycopg and orjson, one process, no HTTP", "pages/s"),
    Measure(RAW_PAGE, "(d) Node and pg: page of 100 users after a key", _RATE),
    Measure(RAW_ENROLLMENTS, "(e) Node and pg: page of 100 enrollments after a key", _RATE),
    Measure(RAW_SINGLE, "(f) Node and pg: single user", _RATE),
    Measure(RAW_DEEP, "(g) Node and pg: page of 100 users at a random deep offset", _RATE),
)

_READING = (
    Measure(
        PAGE_UNCACHED,
        "page of 100 users, not cached",
        _RATE,
        (_least(RAW_PAGE, 1.5), _least(EDFI_PAGE, 20.0), _least(READ_PAGES)),
    ),
    Measure(PAGE_CACHED, "page of 100 users, cached", _RATE, (_least(RAW_PAGE, 4.0), _least(EDFI_PAGE, 20.0))),
    Measure(ENROLLMENTS_UNCACHED, "page of 100 enrollments, not cached", _RATE, (_least(RAW_ENROLLMENTS, 1.5),)),
    Measure(SINGLE_UNCACHED, "single user", _RATE, (_least(RAW_SINGLE, 0.25), _least(EDFI_SINGLE, 30.0))),
    Measure(SINGLE_BY_TOKEN, "single user, with a bearer token", _RATE, (_least(SINGLE_UNCACHED),)),
    Measure(DEEP_UNCACHED, "page of 100 users at a random deep offset", _RATE, (_least(RAW_DEEP), _least(EDFI_DEEP))),
    Measure(FILTER_NAME, "filter `familyName=`", _RATE, (_least(EDFI_FILTER, 20.0),)),
    Measure(FILTER_EMAIL, "filter `email~`", _RATE, (_least(EDFI_FILTER, 20.0),)),
    Measure(FILTER_FEW_CHANGES, "filter `dateLastModified>`, few match", _RATE, (_least(EDFI_FILTER, 20.0),)),
    Measure(FILTER_ALL_CHANGES, "filter `dateLastModified>`, all match", _RATE, (_least(EDFI_FILTER, 20.0),)),
    Measure(SORTED_UNCACHED, "sort by `familyName`, its first pages", _RATE, (_least(EDFI_SORT, 20.0),)),
    Measure(NESTED_UNCACHED, "the students of a class", _RATE),
    Measure(LIMITED_PAGE, "limited to a tenth of the schools: page of 100 users", _RATE, (_least(PAGE_UNCACHED),)),
    Measure(LIMITED_SINGLE, "limited to a tenth of the schools: single user", _RATE, (_least(SINGLE_UNCACHED),)),
    Measure(FIRST_PAGE_MS, "one client: page of 100 users at the beginning", "ms"),
    Measure(DEEP_PAGE_MS, "one client: page of 100 users at a random deep offset", "ms", (Aim(FIRST_PAGE_MS, 3.0),)),
    *_crawl(CRAWL, "crawl of enrollments along `next`, pages of 10,000", _least("", 60_000.0)),
    *_crawl(SMALL_CRAWL, "crawl of enrollments along `next`, pages of 100"),
    *_crawl(SORTED_CRAWL, "crawl of users sorted by `familyName` along `next`, pages of 100"),
    Measure(READS_IDLE_MS, "mixed reads at a steady rate, 95 of 100 take at most", "ms"),
    Measure(
        READS_DURING_CHANGES_MS,
        "the same while a bundle with a tenth of its rows changed is published",
        "ms",
        (Aim(READS_IDLE_MS, 2.0),),
    ),
    Measure(
        READS_DURING_FIRST_MS,
        "the same while the first bundle of another source is published",
        "ms",
        (Aim(READS_IDLE_MS, 2.0), Aim(READS_IDLE_BOTH_MS, 2.0)),
    ),
    Measure(READS_IDLE_BOTH_MS, "the same at rest again, with both sources there", "ms"),
    Measure(READS_FAILED, "reads of these that failed or were not 200", "reads", (Aim("", 0.0),)),
)

MEASURES = (*_LOADING, *_QUOTED, *_ANCHORS_OF_READING, *_READING)

BY_KEY = {measure.key: measure for measure in MEASURES}
