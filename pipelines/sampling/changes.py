"""The delta to a bulk sample of the same district: some pupils changed, some new, some gone.

What is a new or a gone pupil's (role, demographics, enrollments) is there as well.
"""

from dataclasses import dataclass

import polars as pl

from pipelines.oneroster.vocabularies import STATUS
from pipelines.sampling.district import District
from pipelines.sampling.flavour import SLOTS
from pipelines.sampling.parts import Part, Rows
from pipelines.sampling.people import People
from pipelines.sampling.teaching import Teaching

CHANGED, NEW, GONE = 100, 500, 500  # one pupil in so many, but at least one
ACTIVE, DELETED = STATUS.terms
MOMENT = "T18:30:00.000Z"


@dataclass(frozen=True)
class Changes:
    """Which pupils a delta is about, by number."""

    district: District

    @property
    def changed(self) -> list[int]:
        return self._spread()[: self._some(CHANGED)]

    @property
    def gone(self) -> list[int]:
        return self._spread()[self._some(CHANGED) :]

    @property
    def new(self) -> list[int]:
        """Numbers after those of the bulk."""
        students = self.district.students
        return list(range(students, students + self._some(NEW)))

    def _some(self, one_in: int) -> int:
        return max(1, self.district.students // one_in)

    def _spread(self) -> list[int]:
        """The pupils that are changed and gone, evenly spread; of a single pupil, the one is changed."""
        students = self.district.students
        wanted = min(students, self._some(CHANGED) + self._some(GONE))
        return [place * students // wanted for place in range(wanted)]

    def parts(self) -> list[Part]:
        """users, roles, demographics and enrollments of those pupils."""
        people, teaching = People(self.district), Teaching(self.district)
        pupils = people.seats.pupils
        touched = [(self.new, ACTIVE), (sorted(self.gone), DELETED)]
        parts = [self._part("users", people.users(pupils, revised=True), sorted(self.changed), ACTIVE)]
        for numbers, status in touched:
            parts.append(self._part("users", people.users(pupils), numbers, status))
            parts.append(self._part("roles", people.roles(pupils), numbers, status))
            parts.append(self._part("demographics", people.demographics(pupils), numbers, status))
            enrollments = [number * SLOTS + slot for number in numbers for slot in range(SLOTS)]
            parts.append(self._part("enrollments", teaching.pupils_enrollments, enrollments, status))
        return parts

    def _part(self, entity: str, rows: Rows, numbers: list[int], status: str) -> Part:
        """The lifecycle columns are facts beside the numbers."""
        frame = pl.DataFrame({"number": pl.Series(numbers, dtype=pl.Int64)}).with_columns(
            status=pl.lit(status), dateLastModified=pl.lit(self.district.flavour.delta_day + MOMENT)
        )
        return Part(entity, rows, len(numbers), frame)
