"""The rows of the resources service: a textbook per course, and which classes, courses and teachers use it."""

import polars as pl

from pipelines.sampling.district import District
from pipelines.sampling.flavour import SLOTS, Columns
from pipelines.sampling.parts import Part, row_of
from pipelines.sampling.seats import Seats

NUMBER = pl.col("number")


class Materials:
    """The learning resources of one district: resource and course have the same number."""

    def __init__(self, district: District):
        self.district = district
        self.seats = Seats(district)

    def parts(self) -> list[Part]:
        """Everything; each teacher has one resource to themself."""
        courses = len(self.district.flavour.grades) * SLOTS
        return [
            Part("resources", self._resources, courses),
            Part("classResources", self._of_classes, self.district.classes),
            Part("courseResources", self._of_courses, courses),
            Part("userResources", self._of_teachers, self.district.teachers),
        ]

    def _resources(self, numbers: pl.DataFrame) -> pl.DataFrame:
        flavour, grade, slot = self.district.flavour, NUMBER // SLOTS, NUMBER % SLOTS
        columns: Columns = {
            "sourcedId": self.district.id("resource", NUMBER),
            "vendorResourceId": pl.format("book-{}", NUMBER),
            "title": flavour.per_subject(flavour.course_title, grade, slot),
            "roles": pl.lit("student,teacher"),
            "importance": pl.when(slot == 0).then(pl.lit("secondary")).otherwise(pl.lit("primary")),
            "vendorId": pl.lit("example-vendor"),
            "applicationId": pl.lit("example-application"),
        }
        return row_of(numbers, columns)

    def _of_classes(self, numbers: pl.DataFrame) -> pl.DataFrame:
        columns: Columns = {
            "sourcedId": self.district.id("class-resource", NUMBER),
            "classSourcedId": self.district.id("class", NUMBER),
            "resourceSourcedId": self.district.id("resource", pl.col("grade") * SLOTS + pl.col("slot")),
        }
        return row_of(self.district.with_class(numbers), columns)

    def _of_courses(self, numbers: pl.DataFrame) -> pl.DataFrame:
        columns: Columns = {
            "sourcedId": self.district.id("course-resource", NUMBER),
            "courseSourcedId": self.district.id("course", NUMBER),
            "resourceSourcedId": self.district.id("resource", NUMBER),
        }
        return row_of(numbers, columns)

    def _of_teachers(self, numbers: pl.DataFrame) -> pl.DataFrame:
        columns: Columns = {
            "sourcedId": self.district.id("user-resource", NUMBER),
            "userSourcedId": self.district.id("teacher", NUMBER),
            "orgSourcedId": pl.col("org"),
            "resourceSourcedId": self.district.id("resource", NUMBER % SLOTS),
        }
        return row_of(self.seats.teachers.seat(numbers), columns)
