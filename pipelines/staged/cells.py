"""One cell of one kind: its text into a typed value, and the faults that text can have.

Every fault is a named polars expression. Nothing here knows files, rows or modes (`rows`, `staging`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from pipelines.frames import FRAME_TYPES
from pipelines.oneroster.entity import LISTS, REFERENCES, Column, Kind
from pipelines.oneroster.vocabularies import BOOLEAN, EXTENSION_PATTERN, EXTENSION_PREFIX, Vocabulary

ID_CHARACTERS = r"^[0-9A-Za-z.\-_/@]+$"
CONTROL_CHARACTERS = r"[\x00-\x1f\x7f]"
ID_LIMIT = 255
LOOKUP_BYTES = 1_024  # of a text that is looked up: 255 characters always fit, and an entry of an index holds no more
PAIR = r"^\{([^{}:]+):([^{}]+)\}$"
DATE = r"^\d{4}-\d{2}-\d{2}$"
DATETIME_UTC = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$"
NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
INTEGER = r"^[+-]?\d{1,15}$"
NULL_WORD = "NULL"
FIRST_YEAR, LAST_YEAR = 1900, 2200


class Effect(StrEnum):
    """What a fault does in tolerant reading."""

    REJECT = "reject"  # the row is refused
    DROP = "drop"  # the value is dropped, the row kept
    NOTE = "note"  # read all the same


@dataclass(frozen=True)
class Fault:
    """A named rule of one column (or of the whole row: column ""), true where it is broken."""

    code: str
    column: str
    when: pl.Expr
    effect: Effect

    @property
    def name(self) -> str:
        return f"{self.code}|{self.column}"


@dataclass(frozen=True)
class Cell:
    """How a column is read, in steps that build on one another so that nothing is computed twice.

    `text` (named `text_name`) is the trimmed cell, null where blank; `value` is typed, null where unusable; faults ask
    the raw cell, the text and the value by their names.
    """

    text: pl.Expr
    value: pl.Expr
    faults: tuple[Fault, ...]


def text_name(raw_name: str) -> str:
    """The frame's name of a trimmed cell."""
    return f"{raw_name}.text"


def read_cell(column: Column, raw_name: str, value_name: str, *, tidy: bool = False, exact: bool = False) -> Cell:
    """The reading of a column: where its cells as sent are, and what the typed value will be called.

    `tidy` and `exact` are what a survey found to hold of all its cells: rules that cannot fire are then left out.
    """
    raw, text, value = pl.col(raw_name), pl.col(text_name(raw_name)), pl.col(value_name)
    reading = EXACT_READERS[column.kind](text) if exact else READERS[column.kind](column, text, value)
    typed = pl.when(reading.value.is_not_null()).then(raw) if column.kind is Kind.TEXT else reading.value
    faults = [*reading.faults, *_faults_of_any(column, raw, text, tidy)]
    dtype = FRAME_TYPES[column.kind]
    return Cell(
        _trimmed(column, raw, tidy).alias(text_name(raw_name)), typed.cast(dtype).alias(value_name), tuple(faults)
    )


def _trimmed(column: Column, raw: pl.Expr, tidy: bool) -> pl.Expr:
    text = raw if tidy else raw.str.strip_chars()
    filled = text != ""
    if column.kind in REFERENCES:
        filled = filled & (text != NULL_WORD)
    return pl.when(filled).then(text)


def _faults_of_any(column: Column, raw: pl.Expr, text: pl.Expr, tidy: bool) -> list[Fault]:
    """Faults that do not depend on the kind's own reading."""
    faults = []
    if column.kind not in (Kind.TEXT, Kind.SECRET) and not tidy:
        faults.append(Fault("spaces_trimmed", column.name, raw != raw.str.strip_chars(), Effect.NOTE))
    if column.kind in REFERENCES and not column.required:
        faults.append(Fault("null_word", column.name, raw.str.strip_chars() == NULL_WORD, Effect.NOTE))
    if column.required and column.kind is not Kind.ID:
        filled = text.str.contains(r"[^,\s]") if column.kind in LISTS else text.is_not_null()
        faults.append(Fault("required_blank", column.name, ~filled.fill_null(False), Effect.REJECT))
    return faults


@dataclass(frozen=True)
class Reading:
    """What a kind makes of a trimmed cell: its typed value, and the faults that text and value show."""

    value: pl.Expr
    faults: tuple[Fault, ...] = ()


def _unusable(column: Column, code: str, text: pl.Expr, value: pl.Expr) -> Fault:
    """A value that cannot be used: fatal where the standard requires one."""
    effect = Effect.REJECT if column.required or column.name == "status" else Effect.DROP
    return Fault(code, column.name, text.is_not_null() & value.is_null(), effect)


def _id(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
    unusable = (text.str.len_chars() > ID_LIMIT) | text.str.contains(CONTROL_CHARACTERS)
    return Reading(
        text,
        (
            Fault("id_blank", column.name, text.is_null(), Effect.REJECT),
            Fault("id_unusable", column.name, unusable, Effect.REJECT),
            Fault("id_characters", column.name, ~text.str.contains(ID_CHARACTERS) & ~unusable, Effect.NOTE),
        ),
    )


def _text(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
    if column.kind is not Kind.TEXT or not column.lookup:
        return Reading(text)
    short = pl.when(text.str.len_bytes() <= LOOKUP_BYTES).then(text)
    return Reading(short, (_unusable(column, "text_long", text, value),))


def _enum(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
    assert column.vocabulary is not None, column.name  # noqa: S101  a declaration without its vocabulary
    typed = _term(column.vocabulary, text)
    normalised = text.is_not_null() & value.is_not_null() & (text != value)
    return Reading(
        typed,
        (
            _unusable(column, "enum_unknown", text, value),
            Fault("enum_case", column.name, normalised, Effect.NOTE),
        ),
    )


def _term(vocabulary: Vocabulary, text: pl.Expr) -> pl.Expr:
    """The vocabulary's own spelling of a term; null for a word that is not in it."""
    terms = list(vocabulary.terms)
    by_lower_case = {term.lower(): term for term in terms}
    folded = text.str.to_lowercase().replace_strict(by_lower_case, default=None, return_dtype=pl.String)
    value = pl.when(text.is_in(terms)).then(text).otherwise(folded)
    if not vocabulary.extensible:
        return value
    extension = pl.concat_str(pl.lit(EXTENSION_PREFIX), text.str.slice(len(EXTENSION_PREFIX)))
    extended = pl.when(text.str.contains("(?i)" + EXTENSION_PATTERN)).then(extension)
    return pl.coalesce(value, extended)


def _boolean(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
    lower = text.str.to_lowercase()
    typed = pl.when(lower.is_in(list(BOOLEAN.terms))).then(lower == "true")
    return Reading(
        typed,
        (
            _unusable(column, "boolean_unknown", text, value),
            Fault("enum_case", column.name, value.is_not_null() & (text != lower), Effect.NOTE),
        ),
    )


def _date(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
    typed = pl.when(text.str.contains(DATE)).then(text).str.to_date("%Y-%m-%d", strict=False)
    unlikely = ~value.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return Reading(
        typed,
        (
            _unusable(column, "date_unusable", text, value),
            Fault("date_unlikely", column.name, unlikely, Effect.NOTE),
        ),
    )


def _datetime(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
    exact = text.str.contains(DATETIME_UTC)
    forms = ("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
    zoned = text.str.replace("Z$", "+00:00").str.to_datetime(forms[0], time_unit="us", time_zone="UTC", strict=False)
    plain = [
        text.str.to_datetime(form, time_unit="us", strict=False).dt.replace_time_zone("UTC") for form in forms[1:3]
    ]
    day = text.str.to_date(forms[3], strict=False).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    typed = pl.coalesce(zoned, *plain, day)
    return Reading(
        typed,
        (
            _unusable(column, "datetime_unusable", text, value),
            Fault("datetime_form", column.name, value.is_not_null() & ~exact, Effect.NOTE),
        ),
    )


def _year(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
    first = pl.when(text.str.contains(r"^\d{4}(-(\d{4}|\d{2}))?$")).then(text.str.slice(0, 4)).cast(pl.Int64)
    second = pl.when(text.str.contains("-")).then(text.str.slice(-2)).cast(pl.Int64, strict=False)
    spans_one = ((first + 1) % 100 == second) & (
        (text.str.len_chars() == 7) | (text.str.slice(5, 4) == (first + 1).cast(pl.String))
    )
    typed = pl.when(~text.str.contains("-")).then(first).when(spans_one).then(first + 1)
    return Reading(
        typed,
        (
            _unusable(column, "year_unusable", text, value),
            Fault("year_span", column.name, value.is_not_null() & text.str.contains("-"), Effect.NOTE),
        ),
    )


def _number_of(pattern: str, dtype: type[pl.DataType]) -> Callable[[Column, pl.Expr, pl.Expr], Reading]:
    def read(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
        typed = pl.when(text.str.contains(pattern)).then(text).cast(dtype, strict=False)
        if dtype == pl.Float64:
            typed = pl.when(typed.is_finite()).then(typed)
        return Reading(typed, (_unusable(column, "number_unusable", text, value),))

    return read


def _items(text: pl.Expr) -> pl.Expr:
    """The items of a comma list, trimmed, empty ones dropped; null where none is left."""
    trimmed = text.str.split(",").list.eval(pl.element().str.strip_chars())
    items = trimmed.list.eval(pl.element().filter(pl.element() != ""))
    return pl.when(items.list.len() > 0).then(items)


def _list_faults(column: Column, text: pl.Expr, items: pl.Expr) -> tuple[Fault, ...]:
    untidy = text.is_not_null() & (items.list.join(",").fill_null("") != text)
    return (Fault("list_untidy", column.name, untidy, Effect.NOTE),)


def _words(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
    items = _items(text)
    return Reading(items, _list_faults(column, text, value))


def _enums(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
    assert column.vocabulary is not None, column.name  # noqa: S101  a declaration without its vocabulary
    items = _items(text)
    terms = items.list.eval(_term(column.vocabulary, pl.element()))
    unknown = terms.list.eval(pl.element().is_null()).list.any()
    known = terms.list.drop_nulls()
    typed = pl.when(known.list.len() > 0).then(known)
    normalised = value.is_not_null() & ~unknown & (value.list.join(",") != items.list.join(","))
    return Reading(
        typed,
        (
            *_list_faults(column, text, items),
            Fault("enum_unknown", column.name, unknown, Effect.REJECT if column.required else Effect.DROP),
            Fault("enum_case", column.name, normalised, Effect.NOTE),
        ),
    )


def _pairs(column: Column, text: pl.Expr, value: pl.Expr) -> Reading:
    """{left:right} items, kept as "left:right"; an item of another form makes the whole cell unusable."""
    items = _items(text)
    well_formed = items.list.eval(pl.element().str.contains(PAIR)).list.all()
    typed = pl.when(well_formed).then(items.list.eval(pl.element().str.strip_chars("{}")))
    return Reading(typed, (*_list_faults(column, text, items), _unusable(column, "pairs_unusable", items, value)))


READERS: dict[Kind, Callable[[Column, pl.Expr, pl.Expr], Reading]] = {
    Kind.ID: _id,
    Kind.TEXT: _text,
    Kind.SECRET: _text,
    Kind.ENUM: _enum,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.YEAR: _year,
    Kind.INTEGER: _number_of(INTEGER, pl.Int64),
    Kind.FLOAT: _number_of(NUMBER, pl.Float64),
    Kind.WORDS: _words,
    Kind.ENUMS: _enums,
    Kind.PAIRS: _pairs,
    Kind.REF: _text,
    Kind.REFS: _words,
}

# Where every cell is known to be one of the vocabulary's own words.
EXACT_READERS: dict[Kind, Callable[[pl.Expr], Reading]] = {
    Kind.ENUM: Reading,
    Kind.BOOLEAN: lambda text: Reading(text == "true"),
}
