"""The rows about teaching: academicSessions, orgs, courses, classes, enrollments."""

from collections.abc import Sequence

import polars as pl

from pipelines.sampling.district import District
from pipelines.sampling.draws import chosen
from pipelines.sampling.flavour import SLOTS, Columns
from pipelines.sampling.parts import Part, row_of

NUMBER = pl.col("number")
TEACHERS_PER_CLASS = 2  # the teacher and an assistant
JOINED_LATER = 50  # attendance numbers of those start here


class Teaching:
    """What is taught in one district, and to whom."""

    def __init__(self, district: District):
        self.district = district
        self.flavour = district.flavour

    def parts(self) -> list[Part]:
        """Everything, the links between classes and people last."""
        courses = len(self.flavour.grades) * SLOTS
        return [
            Part("academicSessions", self._sessions, len(self.flavour.sessions)),
            Part("orgs", self._district, 1),
            Part("orgs", self._schools, self.district.schools.height),
            Part("courses", self._courses, courses),
            Part("classes", self._classes, self.district.classes),
            Part("enrollments", self.pupils_enrollments, self.district.students * SLOTS),
            Part("enrollments", self._teachers_enrollments, self.district.classes * TEACHERS_PER_CLASS),
        ]

    def session_ids(self, keys: Sequence[str]) -> str:
        """The ids of sessions, as a list cell."""
        places = [place for place, session in enumerate(self.flavour.sessions) if session.key in keys]
        ids = pl.DataFrame({"number": places}).select(self.district.id("session", NUMBER))
        return ",".join(ids.to_series())

    def _sessions(self, numbers: pl.DataFrame) -> pl.DataFrame:
        sessions = self.flavour.sessions
        columns: Columns = {
            "sourcedId": self.district.id("session", NUMBER),
            "title": chosen([one.title for one in sessions], NUMBER),
            "type": chosen([one.type for one in sessions], NUMBER),
            "startDate": chosen([one.start for one in sessions], NUMBER),
            "endDate": chosen([one.end for one in sessions], NUMBER),
            "parentSourcedId": chosen([self.session_ids([one.parent]) for one in sessions], NUMBER),
            "schoolYear": pl.lit(self.flavour.school_year),
        }
        return row_of(numbers, columns)

    def _district(self, numbers: pl.DataFrame) -> pl.DataFrame:
        columns: Columns = {
            "sourcedId": self.district.own_id,
            "name": pl.lit(self.flavour.district),
            "type": pl.lit("district"),
            "identifier": pl.lit(self.flavour.district_identifier),
        }
        return row_of(numbers, columns)

    def _schools(self, numbers: pl.DataFrame) -> pl.DataFrame:
        schools = list(self.district.schools.select("school", "level").iter_rows())
        levels = [(self.flavour.levels[level], school) for school, level in schools]
        columns: Columns = {
            "sourcedId": self.district.id("school", NUMBER),
            "name": chosen([self.flavour.school_title(*one) for one in levels], NUMBER),
            "type": pl.lit("school"),
            "identifier": chosen([self.flavour.school_identifier(*one) for one in levels], NUMBER),
            "parentSourcedId": self.district.own_id,
        }
        return row_of(numbers, columns)

    def _courses(self, numbers: pl.DataFrame) -> pl.DataFrame:
        grade, slot = NUMBER // SLOTS, NUMBER % SLOTS
        columns: Columns = {
            "sourcedId": self.district.id("course", NUMBER),
            "schoolYearSourcedId": pl.lit(self.session_ids([self.flavour.sessions[0].key])),
            "title": self.flavour.per_subject(self.flavour.course_title, grade, slot),
            "courseCode": self.flavour.per_subject(self.flavour.course_code, grade, slot),
            "grades": self.flavour.per_grade(lambda one: one.code, grade),
            "orgSourcedId": self.district.own_id,
            **self._subjects(grade, slot),
        }
        return row_of(numbers, columns)

    def _subjects(self, grade: pl.Expr, slot: pl.Expr) -> Columns:
        return {
            "subjects": self.flavour.per_subject(lambda _, subject: subject.area, grade, slot),
            "subjectCodes": self.flavour.per_subject(lambda _, subject: subject.code, grade, slot),
        }

    def _classes(self, numbers: pl.DataFrame) -> pl.DataFrame:
        grade, slot, section = pl.col("grade"), pl.col("slot"), pl.col("section")
        subject = self.flavour.per_subject(lambda _, subject: subject.title, grade, slot)
        code = self.flavour.per_subject(self.flavour.course_code, grade, slot)
        terms = [self.session_ids(self.flavour.class_sessions(slot)) for slot in range(SLOTS)]
        columns: Columns = {
            "sourcedId": self.district.id("class", NUMBER),
            "title": self.flavour.class_title(pl.col("place"), section, subject),
            "grades": self.flavour.per_grade(lambda one: one.code, grade),
            "courseSourcedId": self.district.id("course", grade * SLOTS + slot),
            "classCode": pl.when(code != "").then(pl.format("{}-{}", code, section + 1)),
            "classType": pl.when(slot == 0).then(pl.lit("homeroom")).otherwise(pl.lit("scheduled")),
            "location": pl.format(self.flavour.room, (pl.col("place") + 1) * 100 + section + 1),
            "schoolSourcedId": self.district.id("school", pl.col("school")),
            "termSourcedIds": chosen(terms, slot),
            "periods": slot.cast(pl.String),
            "metadata.jp.specialNeeds": pl.lit("false"),
            **self._subjects(grade, slot),
        }
        return row_of(self.district.with_class(numbers), columns)

    def pupils_enrollments(self, numbers: pl.DataFrame) -> pl.DataFrame:
        """A pupil's enrollments are numbered by pupil and slot; `number` must be in order."""
        slotted = numbers.with_columns(NUMBER // SLOTS, (NUMBER % SLOTS).alias("slot"))
        attendance = pl.col("rank") // pl.col("groups") + 1
        later = NUMBER.ge(self.district.students)
        columns: Columns = {
            "sourcedId": self.district.id("enrollment", NUMBER * SLOTS + pl.col("slot")),
            "classSourcedId": self.district.id("class", self.district.class_of(pl.col("slot"))),
            "userSourcedId": self.district.id("student", NUMBER),
            "role": pl.lit("student"),
            "primary": pl.lit("false"),
            "metadata.jp.shussekiNo": pl.when(later)
            .then(attendance + JOINED_LATER)
            .otherwise(attendance)
            .cast(pl.String),
            **self._in_school(),
        }
        return row_of(self.district.with_year(slotted), columns)

    def _teachers_enrollments(self, numbers: pl.DataFrame) -> pl.DataFrame:
        """A class has its teacher, then an assistant."""
        placed = numbers.with_columns(NUMBER // TEACHERS_PER_CLASS, (NUMBER % TEACHERS_PER_CLASS == 0).alias("leads"))
        leads, both = pl.col("leads"), NUMBER * TEACHERS_PER_CLASS
        columns: Columns = {
            "sourcedId": self.district.id("teaching", both + pl.when(leads).then(0).otherwise(1)),
            "classSourcedId": self.district.id("class", NUMBER),
            "userSourcedId": self.district.id("teacher", pl.when(leads).then("teacher").otherwise("assistant")),
            "role": pl.lit("teacher"),
            "primary": pl.when(leads).then(pl.lit("true")).otherwise(pl.lit("false")),
            **self._in_school(),
        }
        return row_of(self.district.with_class(placed), columns)

    def _in_school(self) -> Columns:
        return {
            "schoolSourcedId": self.district.id("school", pl.col("school")),
            "beginDate": pl.lit(self.flavour.first_day),
            "endDate": pl.lit(self.flavour.last_day),
            "metadata.jp.publicFlg": pl.lit("true"),
        }
