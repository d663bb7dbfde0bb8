"""What differs between samples of different countries: words, levels of schools, calendar, ids, the form of files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from pipelines.oneroster.entity import Entity
from pipelines.sampling.draws import Draws, chosen

SLOTS = 9  # classes of a pupil: the homeroom and eight subjects

Columns = dict[str, pl.Expr]  # by the names of CSV columns


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of a level; the first of a level is its homeroom."""

    title: str
    code: str = ""  # subjectCodes
    area: str = ""  # subjects


@dataclass(frozen=True, slots=True)
class Level:
    """A kind of school."""

    title: str  # of a school, after the name of its place
    code: str  # a letter in identifiers
    grades: tuple[str, ...]
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade of a level, by its place among the level's grades."""

    level: Level
    place: int

    @property
    def code(self) -> str:
        return self.level.grades[self.place]


@dataclass(frozen=True, slots=True)
class Session:
    """One academic session; `parent` is another's key."""

    key: str
    title: str
    type: str
    start: str
    end: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Expressions about a person, of which a flavour makes names, numbers and telephones."""

    kind: str
    number: pl.Expr
    family: pl.Expr  # place in the flavour's family names
    female: pl.Expr
    revised: bool  # whether the record is to differ from what it was


@dataclass(frozen=True)
class Flavour:
    """A country's way of keeping rosters. Expressions take a column of numbers; see where each is called."""

    name: str
    version_text: str  # oneroster.version of a 1.2 bundle
    school_year: str
    sessions: tuple[Session, ...]  # the school year first
    class_sessions: Callable[[int], tuple[str, ...]]  # keys of the sessions of a class, by its slot
    levels: tuple[Level, ...]  # schools take them in turn
    district: str
    district_identifier: str
    school_title: Callable[[Level, int], str]  # of the school of that number
    school_identifier: Callable[[Level, int], str]
    course_title: Callable[[Grade, Subject], str]
    class_title: Callable[[pl.Expr, pl.Expr, pl.Expr], pl.Expr]  # of grade's place, section and subject
    ids: Callable[[Draws, str, pl.Expr], pl.Expr]  # sourcedIds of a kind of record
    persons: Callable[[Draws, "Person"], Columns]  # names and the like
    families: int  # how many family names there are
    has_guardians: bool
    head_roles: tuple[str, str]  # of a head of a school: the primary role and the secondary one, "" for none
    has_district_staff: bool
    assistant_role: str  # of the head's assistant
    has_origins: bool  # whether demographics tell birthdays and races
    course_code: Callable[[Grade, Subject], str]
    room: str  # a format of a room's number
    header: Callable[[Entity], tuple[str, ...]]  # of a 1.2 file
    domain: str
    quoted: bool = False
    line_end: str = "\n"

    @cached_property
    def grades(self) -> tuple[Grade, ...]:
        """The grades of all levels, the youngest first."""
        return tuple(Grade(level, place) for level in dict.fromkeys(self.levels) for place in range(len(level.grades)))

    def per_grade(self, words: Callable[[Grade], str], grade: pl.Expr) -> pl.Expr:
        """The word of a grade, which is given by its place among `grades`."""
        return chosen([words(one) for one in self.grades], grade)

    def per_subject(self, words: Callable[[Grade, Subject], str], grade: pl.Expr, slot: pl.Expr) -> pl.Expr:
        """The word of a grade's subject, which is given by its slot."""
        every = [words(grade, subject) for grade in self.grades for subject in grade.level.subjects]
        return chosen(every, grade * SLOTS + slot)

    @property
    def grading_sessions(self) -> tuple[Session, ...]:
        """What line items are of: the grading periods, or where there are none the year."""
        return tuple(one for one in self.sessions if one.type == "gradingPeriod") or self.sessions[:1]

    @property
    def delta_day(self) -> str:
        """The day on which deltas say that something changed: six weeks and some into the school year."""
        return (date.fromisoformat(self.first_day) + timedelta(days=45)).isoformat()

    @property
    def first_day(self) -> str:
        return self.sessions[0].start

    @property
    def last_day(self) -> str:
        return self.sessions[0].end
