"""The rows of the gradebook: categories, lineItems, results, score scales, and what links them.

Each class but homerooms has two line items, and each of its pupils a result for both. A linked thing has its link's
number, so that links need no list of their own.
"""

import polars as pl

from pipelines.sampling.district import District
from pipelines.sampling.draws import chosen
from pipelines.sampling.flavour import SLOTS, Columns
from pipelines.sampling.parts import Part, row_of
from pipelines.sampling.teaching import Teaching

NUMBER = pl.col("number")
GRADED = SLOTS - 1  # the slots that have line items
ITEMS = 2
CATEGORIES = (("Homework", "20"), ("Tests", "50"), ("Projects", "30"))
STATUSES = ("fully graded", "fully graded", "fully graded", "fully graded", "partially graded", "submitted", "exempt")
LETTERS = ("A", "B", "C", "D", "F")
SCALE = "{90-100:A},{80-89:B},{70-79:C},{60-69:D},{0-59:F}"


class Grading:
    """The gradebook of one district."""

    def __init__(self, district: District):
        self.district = district
        self.draws = district.draws
        self.teaching = Teaching(district)

    def parts(self) -> list[Part]:
        """Everything; pupils' first graded class alone has links of results."""
        graded = self.district.classes // SLOTS * GRADED
        pupils = self.district.students
        return [
            Part("categories", self._categories, len(CATEGORIES)),
            Part("scoreScales", self._scales, graded),
            Part("lineItems", self._line_items, graded * ITEMS),
            Part("results", self._results, pupils * GRADED * ITEMS),
            Part("lineItemScoreScales", self._line_item_scales, graded * ITEMS),
            Part("resultScoreScales", self._result_scales, pupils),
            Part("lineItemLearningObjectiveIds", self._line_item_objectives, graded * ITEMS),
            Part("resultLearningObjectiveIds", self._result_objectives, pupils),
        ]

    def _id(self, kind: str, number: pl.Expr) -> pl.Expr:
        return self.district.id(kind, number)

    def _categories(self, numbers: pl.DataFrame) -> pl.DataFrame:
        columns: Columns = {
            "sourcedId": self._id("category", NUMBER),
            "title": chosen([title for title, _ in CATEGORIES], NUMBER),
            "weight": chosen([weight for _, weight in CATEGORIES], NUMBER),
        }
        return row_of(numbers, columns)

    def _with_class(self, numbers: pl.DataFrame, per_class: int) -> pl.DataFrame:
        """Numbers of things of graded classes get the columns of their class; `own` is the thing's number."""
        graded = NUMBER // per_class
        class_ = graded // GRADED * SLOTS + graded % GRADED + 1
        found = self.district.with_class(numbers.select(class_, own=NUMBER))
        return found.rename({"number": "class"})

    def _scales(self, numbers: pl.DataFrame) -> pl.DataFrame:
        columns: Columns = {
            "sourcedId": self._id("scale", pl.col("own")),
            "title": pl.lit("Letter grades"),
            "type": pl.lit("letter"),
            "orgSourcedId": self._id("school", pl.col("school")),
            "courseSourcedId": self._id("course", pl.col("grade") * SLOTS + pl.col("slot")),
            "classSourcedId": self._id("class", pl.col("class")),
            "scoreScaleValue": pl.lit(SCALE),
        }
        return row_of(self._with_class(numbers, 1), columns)

    def _line_items(self, numbers: pl.DataFrame) -> pl.DataFrame:
        item = pl.col("own") % ITEMS
        sessions = self.district.flavour.grading_sessions
        dates = [(one.start, one.end) for one in sessions]
        periods = [self.teaching.session_ids([one.key]) for one in sessions]
        place = item % len(sessions)
        columns: Columns = {
            "sourcedId": self._id("item", pl.col("own")),
            "title": pl.format("Assignment {}", item + 1),
            "description": pl.lit('Read the chapter, answer "why", and\u00a0bring it along.'),
            "assignDate": chosen([start for start, _ in dates], place),
            "dueDate": chosen([end for _, end in dates], place),
            "classSourcedId": self._id("class", pl.col("class")),
            "categorySourcedId": self._id("category", pl.col("own") % len(CATEGORIES)),
            "academicSessionSourcedId": chosen(periods, place),
            "gradingPeriodSourcedId": chosen(periods, place),
            "resultValueMin": pl.lit("0"),
            "resultValueMax": pl.lit("100"),
            "schoolSourcedId": self._id("school", pl.col("school")),
        }
        return row_of(self._with_class(numbers, ITEMS), columns)

    def _with_pupil(self, numbers: pl.DataFrame, slot: pl.Expr, pupil: pl.Expr, item: pl.Expr) -> pl.DataFrame:
        """Numbers of results get the class and the line item that they are of."""
        split = numbers.select(pupil, own=NUMBER, slot=slot, item=item)
        found = self.district.with_year(split).with_columns(self.district.class_of(pl.col("slot")).alias("class"))
        graded = pl.col("class") // SLOTS * GRADED + pl.col("class") % SLOTS - 1
        return found.with_columns((graded * ITEMS + pl.col("item")).alias("line_item"), graded.alias("scale"))

    def _results(self, numbers: pl.DataFrame) -> pl.DataFrame:
        per_pupil = GRADED * ITEMS
        found = self._with_pupil(numbers, NUMBER % per_pupil // ITEMS + 1, NUMBER // per_pupil, NUMBER % ITEMS)
        score = self.draws.below("score", pl.col("own"), 81)
        status = self.draws.pick("score status", pl.col("own"), STATUSES)
        columns: Columns = {
            "sourcedId": self._id("result", pl.col("own")),
            "lineItemSourcedId": self._id("item", pl.col("line_item")),
            "studentSourcedId": self._id("student", NUMBER),
            "scoreStatus": status,
            "score": pl.format("{}.5", score + 19),
            "scoreDate": pl.lit(self.district.flavour.grading_sessions[0].end),
            "textScore": chosen(LETTERS, pl.max_horizontal(pl.lit(0), (80 - score) // 10).clip(0, len(LETTERS) - 1)),
            "classSourcedId": self._id("class", pl.col("class")),
            "late": pl.when(self.draws.below("late", pl.col("own"), 20) == 0)
            .then(pl.lit("true"))
            .otherwise(pl.lit("false")),
        }
        return row_of(found, columns)

    def _first_results(self, numbers: pl.DataFrame) -> pl.DataFrame:
        """The first result of each pupil, whose number is the pupil's times the results of one."""
        return self._with_pupil(numbers, pl.lit(1), NUMBER, pl.lit(0))

    def _first_result(self) -> pl.Expr:
        return self._id("result", NUMBER * GRADED * ITEMS)

    def _line_item_scales(self, numbers: pl.DataFrame) -> pl.DataFrame:
        columns: Columns = {
            "sourcedId": self._id("item-scale", NUMBER),
            "title": pl.lit("Letter grades"),
            "lineItemSourcedId": self._id("item", NUMBER),
            "scoreScaleSourcedId": self._id("scale", NUMBER // ITEMS),
        }
        return row_of(numbers, columns)

    def _result_scales(self, numbers: pl.DataFrame) -> pl.DataFrame:
        columns: Columns = {
            "sourcedId": self._id("result-scale", NUMBER),
            "title": pl.lit("Letter grades"),
            "resultSourcedId": self._first_result(),
            "scoreScaleSourcedId": self._id("scale", pl.col("scale")),
        }
        return row_of(self._first_results(numbers), columns)

    def _line_item_objectives(self, numbers: pl.DataFrame) -> pl.DataFrame:
        columns: Columns = {
            "sourcedId": self._id("item-objective", NUMBER),
            "lineItemSourcedId": self._id("item", NUMBER),
            "source": pl.lit("case"),
            "learningObjectiveId": self.draws.uuid("objective", NUMBER % len(LETTERS)),
        }
        return row_of(numbers, columns)

    def _result_objectives(self, numbers: pl.DataFrame) -> pl.DataFrame:
        columns: Columns = {
            "sourcedId": self._id("result-objective", NUMBER),
            "resultSourcedId": self._first_result(),
            "source": pl.lit("unknown"),
            "learningObjectiveId": pl.format("objective-{}", NUMBER % len(LETTERS)),
            "score": pl.lit("1"),
            "textScore": pl.lit("mastered"),
        }
        return row_of(numbers, columns)
