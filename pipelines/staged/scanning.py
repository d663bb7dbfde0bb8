"""One pass over a file's bytes: is it UTF-8, how many lines and commas, anything unusual in it?

The answers decide how the file is read (`reading`); nothing is parsed here.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 8 << 20
BOM = codecs.BOM_UTF8
# Control characters other than line ends; a tab is one: it has no place in a roster.
CONTROLS = bytes(code for code in (*range(32), 127) if code not in (0x0A, 0x0D))


@dataclass
class TextFacts:
    """What a scan found. `lines` counts physical lines, a last one without line end included."""

    size: int = 0
    lines: int = 0
    commas: int = 0
    boms: int = 0
    lone_returns: int = 0
    quoted: bool = False  # there is a double quote somewhere
    nul: bool = False
    controls: bool = False
    invalid_at: int | None = None  # byte offset of the first byte that is not UTF-8
    likely_encoding: str = ""

    @property
    def is_utf8(self) -> bool:
        return self.invalid_at is None


def scan(path: Path) -> TextFacts:
    """Facts about the file's text. Costs about a second for half a gigabyte."""
    facts, decoder, last = TextFacts(), codecs.getincrementaldecoder("utf-8")(), b""
    with path.open("rb") as file:
        facts.boms = _count_boms(file.read(4 * len(BOM)))
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            _count(facts, chunk, last)
            if facts.is_utf8 and not _decodes(decoder, chunk):
                _describe_encoding(facts, path)
                return facts
            facts.size += len(chunk)
            last = chunk[-1:]
    _finish(facts, decoder, path, last)
    return facts


def _count(facts: TextFacts, chunk: bytes, last: bytes) -> None:
    newlines, returns = chunk.count(b"\n"), chunk.count(b"\r")
    pairs = chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
    facts.lines += newlines
    facts.lone_returns += returns - pairs
    facts.commas += chunk.count(b",")
    facts.quoted = facts.quoted or b'"' in chunk
    facts.nul = facts.nul or b"\x00" in chunk
    facts.controls = facts.controls or len(chunk.translate(None, CONTROLS)) != len(chunk)


def _count_boms(head: bytes) -> int:
    boms = 0
    while head.startswith(BOM):
        boms, head = boms + 1, head[len(BOM) :]
    return boms


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _finish(facts: TextFacts, decoder: codecs.IncrementalDecoder, path: Path, last: bytes) -> None:
    if not _decodes(decoder, b"", final=True):
        _describe_encoding(facts, path)
    if facts.size and last not in (b"\n", b""):
        facts.lines += 1


def _describe_encoding(facts: TextFacts, path: Path) -> None:
    raw = path.read_bytes()
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        facts.invalid_at = error.start
        facts.likely_encoding = _likely_encoding(raw)


def _likely_encoding(raw: bytes) -> str:
    """A guess for the message only; nothing is ever decoded by it."""
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "UTF-16"
    if raw[:200].count(b"\x00") > len(raw[:200]) // 4:
        return "UTF-16"
    try:
        text = raw.decode("cp932")
    except UnicodeDecodeError:
        return "Latin-1 or Windows-1252"
    japanese = sum("぀" <= char <= "ヿ" or "一" <= char <= "鿿" for char in text)
    return "CP932 (Shift_JIS)" if japanese > 1 else "Latin-1 or Windows-1252"
