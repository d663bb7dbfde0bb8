"""Chance that repeats itself."""

import hashlib
import re

import polars as pl

from pipelines.oneroster.japan import UUID4
from pipelines.sampling.draws import Draws

NUMBERS = pl.DataFrame({"number": pl.int_range(1000, eager=True)})
NUMBER = pl.col("number")
WORD = (1 << 64) - 1


def _splitmix64(seed: int, what: str, number: int) -> int:
    """The same by the book (Steele, Lea and Flood 2014), in unbounded integers."""
    start = int.from_bytes(hashlib.blake2b(f"{seed}/{what}".encode(), digest_size=8).digest())
    value = ((number + 1) * 0x9E3779B97F4A7C15 + start) & WORD
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & WORD
    return value ^ (value >> 31)


def _drawn(expression: pl.Expr) -> list:
    return NUMBERS.select(drawn=expression)["drawn"].to_list()


def test_numbers_are_those_of_splitmix64() -> None:
    assert _drawn(Draws(7).number("name", NUMBER)) == [_splitmix64(7, "name", number) for number in range(1000)]


def test_seed_and_decision_both_matter() -> None:
    one = _drawn(Draws(1).number("name", NUMBER))

    assert one == _drawn(Draws(1).number("name", NUMBER))
    assert one != _drawn(Draws(2).number("name", NUMBER))
    assert one != _drawn(Draws(1).number("sex", NUMBER))


def test_every_word_is_picked() -> None:
    assert set(_drawn(Draws(1).pick("word", NUMBER, ["a", "b", "c"]))) == {"a", "b", "c"}


def test_lower_places_are_more_common_and_the_last_one_occurs() -> None:
    places = _drawn(Draws(1).place("name", NUMBER, 5))

    assert set(places) == set(range(5))
    assert places.count(0) > places.count(2) > places.count(4)


def test_uuids_have_the_form_of_random_ones_and_differ() -> None:
    uuids = _drawn(Draws(1).uuid("user", NUMBER))

    assert all(re.fullmatch(UUID4, uuid) for uuid in uuids)
    assert len(set(uuids)) == len(uuids)
