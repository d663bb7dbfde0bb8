"""Where a district's people belong: pupils, guardians, teachers, staff, each kind seated by its numbers.

A seat has `org`, `role` and `word` (the role as 1.1 calls it), `second_org` and `second_role` (null for most),
`family` (a number that siblings share), `agent`, `grade_code`, `home_class` and `profile` (null for all but one kind).
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.sampling.district import DISTRICT_STAFF, STAFF_PER_SCHOOL, TRAVELLING_TEACHER, District
from pipelines.sampling.flavour import Columns

NUMBER = pl.col("number")
NOTHING = pl.lit(None, pl.String)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of person: how many there are, and how their numbers are seated."""

    name: str
    count: int
    seat: Callable[[pl.DataFrame], pl.DataFrame]


class Seats:
    """The kinds of people of one district."""

    def __init__(self, district: District):
        self.district = district
        flavour = district.flavour
        self.pupils = Kind("student", district.students, self._pupils)
        self.teachers = Kind("teacher", district.teachers, self._teachers)
        self.kinds = (
            self.pupils,
            Kind("guardian", district.guardians, self._guardians),
            self.teachers,
            Kind("staff", district.schools.height * STAFF_PER_SCHOOL, self._staff),
            Kind("office", DISTRICT_STAFF if flavour.has_district_staff else 0, self._office),
        )

    def _pupils(self, numbers: pl.DataFrame) -> pl.DataFrame:
        flavour, families = self.district.flavour, self.district.families
        own = NUMBER.lt(self.district.students)  # those who join later have no sibling
        family = pl.when(own).then(NUMBER % families).otherwise(NUMBER)
        known = own & (family % 2 == 0) & (self.district.guardians > 0)
        return _seated(
            self.district.with_year(numbers),
            org=self.district.id("school", pl.col("school")),
            role=pl.lit("student"),
            word=pl.lit("student"),
            family=family,
            agent=pl.when(known).then(self.district.id("guardian", family // 2)),
            grade_code=flavour.per_grade(lambda grade: grade.code, pl.col("grade")),
            home_class=self.district.id("class", self.district.class_of(pl.lit(0))),
        )

    def _guardians(self, numbers: pl.DataFrame) -> pl.DataFrame:
        """Of the families with even numbers one guardian is known; the school is that of the first child."""
        child = self.district.with_year(numbers.with_columns(NUMBER * 2))
        return _seated(
            child.with_columns(numbers["number"]),
            org=self.district.id("school", pl.col("school")),
            role=pl.lit("guardian"),
            word=pl.lit("guardian"),
            family=NUMBER * 2,
        )

    def _teachers(self, numbers: pl.DataFrame) -> pl.DataFrame:
        schools = self.district.schools.height
        travels = (NUMBER % TRAVELLING_TEACHER == TRAVELLING_TEACHER - 1) & (schools > 1)
        next_school = self.district.id("school", (pl.col("school") + 1) % schools)
        return _seated(
            self.district.with_school_of_teacher(numbers),
            org=self.district.id("school", pl.col("school")),
            second_org=pl.when(travels).then(next_school),
            second_role=pl.lit("teacher"),
            role=pl.lit("teacher"),
            word=pl.lit("teacher"),
            profile=self.district.id("profile", NUMBER),
        )

    def _staff(self, numbers: pl.DataFrame) -> pl.DataFrame:
        """The head of a school, then its assistant."""
        leads = NUMBER % STAFF_PER_SCHOOL == 0
        flavour, school = self.district.flavour, self.district.id("school", NUMBER // STAFF_PER_SCHOOL)
        first, second = flavour.head_roles
        return _seated(
            numbers,
            org=school,
            second_org=pl.when(leads & (second != "")).then(school),
            second_role=pl.lit(second),
            role=pl.when(leads).then(pl.lit(first)).otherwise(pl.lit(flavour.assistant_role)),
            word=pl.when(leads).then(pl.lit("administrator")).otherwise(pl.lit(flavour.assistant_role)),
        )

    def _office(self, numbers: pl.DataFrame) -> pl.DataFrame:
        return _seated(
            numbers,
            org=self.district.own_id,
            role=pl.lit("districtAdministrator"),
            word=pl.lit("administrator"),
        )


def _seated(facts: pl.DataFrame, **columns: pl.Expr) -> pl.DataFrame:
    seat: Columns = dict.fromkeys(
        ("second_org", "second_role", "agent", "grade_code", "home_class", "profile"), NOTHING
    )
    return facts.with_columns(**{"family": NUMBER, **seat, **columns})
