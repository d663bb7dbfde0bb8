"""How a district of a given number of pupils is laid out: schools, grades, groups, teachers. Numbers only.

Pupils are numbered through: school by school, in a school grade by grade. The pupils of a grade form groups, each with
a homeroom and eight other classes; above the youngest level they meet in other sections for each subject.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import polars as pl

from pipelines.sampling.draws import Draws
from pipelines.sampling.flavour import SLOTS, Flavour

SCHOOL_SIZE = 550
GROUP_SIZE = 25
CLASSES_PER_TEACHER = 6
TRAVELLING_TEACHER = 40  # one in so many also belongs to the next school
STAFF_PER_SCHOOL = 2  # its head and an assistant, in that order
DISTRICT_STAFF = 3


@dataclass(frozen=True)
class District:
    """A made-up district; the same students, flavour and seed give the same one."""

    students: int
    flavour: Flavour
    seed: int = 1

    @property
    def draws(self) -> Draws:
        return Draws(self.seed)

    def id(self, kind: str, number: pl.Expr) -> pl.Expr:
        """The sourcedId of a record, by its kind and number."""
        return self.flavour.ids(self.draws, kind, number)

    @cached_property
    def own_id(self) -> pl.Expr:
        """The sourcedId of the org that is the district."""
        return pl.lit(pl.select(self.id("district", pl.int_range(1))).item())

    @cached_property
    def schools(self) -> pl.DataFrame:
        """`school` (number), `level` (place in the flavour's levels), `first` pupil, `pupils`."""
        count = max(1, round(self.students / SCHOOL_SIZE))
        firsts = [-(-school * self.students // count) for school in range(count + 1)]
        return pl.DataFrame(
            {
                "school": range(count),
                "level": [school % len(self.flavour.levels) for school in range(count)],
                "first": firsts[:-1],
                "pupils": [after - before for before, after in pairwise(firsts)],
            }
        )

    @cached_property
    def years(self) -> pl.DataFrame:
        """The grades of schools that have pupils: `school`, `grade` (place in the flavour's grades), `place` (in the
        school), `mixes` (whether groups mix), `first` pupil, `groups`, `first_group`."""
        rows = [row for school in self.schools.iter_rows() for row in self._years_of(*school)]
        frame = pl.DataFrame(rows, ["school", "grade", "place", "mixes", "first", "groups"], orient="row")
        return frame.with_columns((pl.col("groups").cum_sum() - pl.col("groups")).alias("first_group"))

    def _years_of(
        self, school: int, level: int, first: int, pupils: int
    ) -> Iterator[tuple[int, int, int, bool, int, int]]:
        kind, grades = self.flavour.levels[level], self.flavour.grades
        own = [number for number, grade in enumerate(grades) if grade.level == kind]
        bounds = [first + -(-place * pupils // len(own)) for place in range(len(own) + 1)]
        for place, (begin, end) in enumerate(pairwise(bounds)):
            if end > begin:
                mixes = kind != grades[0].level
                yield school, own[place], place, mixes, begin, -(-(end - begin) // GROUP_SIZE)

    @cached_property
    def staffing(self) -> pl.DataFrame:
        """Per school: `school`, `first_class`, `classes`, `first_teacher`, `teachers`."""
        groups = self.years.group_by("school", maintain_order=True).agg(
            pl.col("groups").sum(), pl.col("first_group").min()
        )
        return groups.select(
            "school",
            (pl.col("first_group") * SLOTS).alias("first_class"),
            (pl.col("groups") * SLOTS).alias("classes"),
            ((pl.col("groups") * SLOTS + CLASSES_PER_TEACHER - 1) // CLASSES_PER_TEACHER).alias("teachers"),
        ).with_columns((pl.col("teachers").cum_sum() - pl.col("teachers")).alias("first_teacher"))

    @cached_property
    def classes(self) -> int:
        """How many classes there are in all schools."""
        return int(self.years["groups"].sum()) * SLOTS

    @cached_property
    def teachers(self) -> int:
        """How many teachers there are in all schools."""
        return int(self.staffing["teachers"].sum())

    @property
    def families(self) -> int:
        """Two pupils far apart in number are siblings."""
        return (self.students + 1) // 2

    @property
    def guardians(self) -> int:
        """Of every other family one guardian is known."""
        return (self.families + 1) // 2 if self.flavour.has_guardians else 0

    def with_year(self, pupils: pl.DataFrame) -> pl.DataFrame:
        """Frames with a column `number` of pupils, in order, get their grade's columns and `rank` in the grade.

        A pupil who joins after the bulk export was made sits where another one sits.
        """
        seated = pupils.with_columns(pl.col("number") % self.students)
        found = (
            seated.with_row_index("row")
            .sort("number")
            .join_asof(self.years, left_on="number", right_on="first", strategy="backward")
            .sort("row")
        )
        rank = found["number"] - found["first"]
        return found.drop("row").with_columns(pupils["number"], rank.alias("rank"))

    def with_school_of_teacher(self, teachers: pl.DataFrame) -> pl.DataFrame:
        """Frames with a column `number` of teachers, in order, get their `school`."""
        return teachers.join_asof(self.staffing, left_on="number", right_on="first_teacher", strategy="backward")

    def with_class(self, classes: pl.DataFrame) -> pl.DataFrame:
        """Frames with a column `number` of classes, in order, get their grade's columns, `section`, `slot`, and the
        numbers of `teacher` and `assistant`."""
        slotted = classes.with_columns(
            (pl.col("number") // SLOTS).alias("group"), (pl.col("number") % SLOTS).cast(pl.Int64).alias("slot")
        )
        found = slotted.join_asof(self.years, left_on="group", right_on="first_group", strategy="backward")
        staffed = found.join(self.staffing, on="school", how="left", maintain_order="left")
        in_school = pl.col("number") - pl.col("first_class")
        return staffed.with_columns(
            (pl.col("group") - pl.col("first_group")).alias("section"),
            (pl.col("first_teacher") + in_school % pl.col("teachers")).alias("teacher"),
            (pl.col("first_teacher") + (in_school + 1) % pl.col("teachers")).alias("assistant"),
        )

    @staticmethod
    def class_of(slot: pl.Expr) -> pl.Expr:
        """The class in which a pupil sits, of the columns of `with_year`: sections differ from subject to subject."""
        shift = pl.when(pl.col("mixes")).then(pl.col("rank") // pl.col("groups") * slot).otherwise(0)
        section = (pl.col("rank") % pl.col("groups") + shift) % pl.col("groups")
        return (pl.col("first_group") + section) * SLOTS + slot
