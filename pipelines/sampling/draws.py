"""Chance that repeats itself: numbers drawn from a seed, the name of what is decided, and a row's number.

The arithmetic is written here (splitmix64), so that no library's next version changes a sample.
"""

import functools
import hashlib
from collections.abc import Sequence

import polars as pl

_GAMMA, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def _word(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)


def _mixed(value: pl.Expr, shift: int, factor: int) -> pl.Expr:
    return (value ^ (value // _word(1 << shift))) * _word(factor)


class Draws:
    """Draws of one seed. `what` names the decision, `number` is a column of row numbers."""

    def __init__(self, seed: int):
        self.seed = seed

    def number(self, what: str, number: pl.Expr) -> pl.Expr:
        """An evenly distributed UInt64."""
        start = int.from_bytes(hashlib.blake2b(f"{self.seed}/{what}".encode(), digest_size=8).digest())
        value = (number.cast(pl.UInt64) + _word(1)) * _word(_GAMMA) + _word(start)
        value = _mixed(_mixed(value, 30, _FIRST), 27, _SECOND)
        return value ^ (value // _word(1 << 31))

    def below(self, what: str, number: pl.Expr, end: int) -> pl.Expr:
        """A number from 0 to `end` - 1."""
        return (self.number(what, number) % _word(end)).cast(pl.Int64)

    def pick(self, what: str, number: pl.Expr, words: Sequence[str]) -> pl.Expr:
        """One of the words, each as often as the others."""
        return chosen(words, self.below(what, number, len(words)))

    def place(self, what: str, number: pl.Expr, end: int) -> pl.Expr:
        """A number from 0 to `end` - 1, the lower ones more often, as names are unevenly common."""
        one, other = self.below(what, number, end), self.below(f"{what}, again", number, end)
        return ((one + 1) * (other + 1) - 1) // end

    def uuid(self, what: str, number: pl.Expr) -> pl.Expr:
        """A text of the form of a random UUID (version 4), in lower case."""
        high, low = self.number(what, number), self.number(f"{what}, lower half", number)
        parts = [*_quarters(high), *_quarters(low)]
        parts[3] = pl.concat_str(pl.lit("4"), parts[3].str.slice(1))
        variant = chosen(("8", "9", "a", "b"), (low % _word(4)).cast(pl.Int64))
        parts[4] = pl.concat_str(variant, parts[4].str.slice(1))
        return pl.format("{}{}-{}-{}-{}-{}{}{}", *parts)


def _quarters(value: pl.Expr) -> list[pl.Expr]:
    """The four 16-bit quarters of a UInt64, in hexadecimal."""
    places = [(value // _word(1 << shift) % _word(1 << 16)).cast(pl.Int64) for shift in (48, 32, 16, 0)]
    return [pl.lit(_hexadecimal()).gather(place) for place in places]


@functools.cache
def _hexadecimal() -> pl.Series:
    return pl.Series(values=[f"{number:04x}" for number in range(1 << 16)], dtype=pl.String)


def chosen(words: Sequence[str], place: pl.Expr) -> pl.Expr:
    """The word at that place of a list."""
    return pl.lit(pl.Series(values=list(words), dtype=pl.String)).gather(place)
