"""Text into cells: both ways of reading give the same frame, and nothing about a row's shape is lost."""

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.staged import reading
from pipelines.staged.reading import MalformedQuotesError, NotUtf8Error, read
from pipelines.staged.scanning import scan

CELL = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r"), max_size=6)


def written(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def frame_of(path: Path, folder: Path) -> pl.DataFrame:
    return read(path, folder).rows.collect()


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6))
def test_both_ways_of_reading_agree(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    folder = tmp_path_factory.mktemp("both")
    path = folder / "x.csv"
    path.write_text(written([["a", "b", "c"], *rows]), encoding="utf-8", newline="")
    fast = frame_of(path, folder)
    rewritten = folder / "rewritten.csv"
    reading._rewrite(path, rewritten, 3)
    slow = reading._scan_rewritten(rewritten, 3).collect()
    assert fast.rows() == slow.rows()
    assert [row[3:] for row in fast.rows()] == [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n3,4", [(2, 0, False, "1", "2"), (3, 0, False, "3", "4")]),
        ("a,b\r\n1,2\r\n", [(2, 0, False, "1", "2")]),
        ("a,b\r1,2\r3,4\r", [(2, 0, False, "1", "2"), (3, 0, False, "3", "4")]),
        ("﻿a,b\n1,2\n", [(2, 0, False, "1", "2")]),
        ("﻿﻿a,b\n1,2\n", [(2, 0, False, "1", "2")]),
        ("a,b\n\n1,2\n\n\n3,4\n", [(3, 0, False, "1", "2"), (6, 0, False, "3", "4")]),
        ('a,b\n"1\n1",2\n3,4\n', [(2, 0, False, "1\n1", "2"), (4, 0, False, "3", "4")]),
        ("a,b\n1\n3,4\n", [(2, -1, False, "1", ""), (3, 0, False, "3", "4")]),
        ("a,b\n1,2,\n", [(2, 1, False, "1", "2")]),
        ("a,b\n1,2,3\n", [(2, 1, True, "1", "2")]),
        ('a,b\n"x,y",2\n', [(2, 0, False, "x,y", "2")]),
        ('a,b\n"q""q",2\n', [(2, 0, False, 'q"q', "2")]),
        ("a,b\n", []),
    ],
)
def test_lines_and_shapes(tmp_path: Path, text: str, expected: list[tuple]) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    assert read(path, tmp_path).header == ("a", "b")
    assert frame_of(path, tmp_path).rows() == expected


@pytest.mark.parametrize(("text", "line"), [('a,b\n1,2\n"3,4\n5,6\n', 3), ('a,b\n"x"y,2\n', 2)])
def test_quotes_that_do_not_match_refuse_the_file(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(MalformedQuotesError) as caught:
        read(path, tmp_path)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("raw", "offset", "encoding"),
    [
        ("a,b\n1,髙橋\n".encode("cp932"), 6, "CP932"),
        ("a,b\n1,é\n".encode("latin-1"), 6, "Latin-1"),
        ("a,b\n1,2\n".encode("utf-16"), 0, "UTF-16"),
    ],
)
def test_another_encoding_is_named_with_its_place(tmp_path: Path, raw: bytes, offset: int, encoding: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(raw)
    with pytest.raises(NotUtf8Error) as caught:
        read(path, tmp_path)
    assert caught.value.facts.invalid_at == offset
    assert encoding in caught.value.facts.likely_encoding


def test_a_character_cut_at_a_chunk_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.staged.scanning.CHUNK_BYTES", 1)
    path = tmp_path / "x.csv"
    path.write_text("a,b\r\n𠮷,葛󠄀\r\n", encoding="utf-8", newline="")
    facts = scan(path)
    assert facts.is_utf8
    assert (facts.lines, facts.lone_returns, facts.commas) == (2, 0, 2)
