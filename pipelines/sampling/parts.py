"""A file of a sample as parts, each so many numbers of which rows are made, slice by slice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from pipelines.sampling.flavour import Columns

SLICE = 100_000  # numbers at a time: what bounds the memory

# Numbers (a frame with `number`, perhaps with `status` and other facts) to rows by CSV column names.
Rows = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one file. `numbers` are given where it is not simply the first `count`."""

    entity: str
    rows: Rows
    count: int
    numbers: pl.DataFrame | None = None

    def slices(self) -> Iterator[pl.DataFrame]:
        """The part's rows, a slice at a time; never more rows than numbers."""
        for start in range(0, self.count, SLICE):
            end = min(start + SLICE, self.count)
            if self.numbers is None:
                yield self.rows(pl.DataFrame({"number": pl.int_range(start, end, eager=True)}))
            else:
                yield self.rows(self.numbers.slice(start, SLICE))


def row_of(frame: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Rows of CSV columns out of a frame of facts, with the lifecycle columns where the facts have them."""
    lifecycle = [name for name in ("status", "dateLastModified") if name in frame.columns]
    return frame.select(*lifecycle, **columns)
