"""The eight files of the gradebook service (CSV binding 1.2, section 4), and what REST alone has there. Facts only."""

from pipelines.oneroster import vocabularies as v
from pipelines.oneroster.entity import (
    Embedding,
    Entity,
    boolean,
    date,
    enum,
    integer,
    number,
    pairs,
    ref,
    text,
)

CATEGORIES = Entity(
    "categories",
    "category",
    "gradebook",
    content=(
        text("title", required=True),
        integer("weight"),
    ),
)

LINE_ITEMS = Entity(
    "lineItems",
    "lineItem",
    "gradebook",
    content=(
        text("title", required=True),
        text("description"),
        date("assignDate", required=True, as_datetime=True),
        date("dueDate", required=True, as_datetime=True),
        ref("classSourcedId", "classes", required=True),
        ref("categorySourcedId", "categories", required=True),
        ref(
            "academicSessionSourcedId",
            "academicSessions",
            required=True,
            json_by_type=("gradingPeriod", "gradingPeriod"),
        ),
        number("resultValueMin"),
        number("resultValueMax"),
        ref("schoolSourcedId", "orgs", required=True),
    ),
)

RESULTS = Entity(
    "results",
    "result",
    "gradebook",
    content=(
        ref("lineItemSourcedId", "lineItems", required=True, lookup="few"),
        ref("studentSourcedId", "users", required=True, lookup="few"),
        enum("scoreStatus", v.SCORE_STATUS, required=True),
        number("score"),
        date("scoreDate", required=True),
        text("comment"),
        text("textScore"),
        ref("classSourcedId", "classes"),
        boolean("inProgress"),
        boolean("incomplete"),
        boolean("late"),
        boolean("missing"),
    ),
)

SCORE_SCALES = Entity(
    "scoreScales",
    "scoreScale",
    "gradebook",
    content=(
        text("title", required=True),
        text("type", required=True),
        ref("orgSourcedId", "orgs", required=True, json=""),
        ref("courseSourcedId", "courses", required=True),
        ref("classSourcedId", "classes", required=True),
        pairs("scoreScaleValue", keys=("itemValueLHS", "itemValueRHS"), required=True),
    ),
)

LINE_ITEM_SCORE_SCALES = Entity(
    "lineItemScoreScales",
    "lineItemScoreScale",
    "gradebook",
    embedding=Embedding("lineItemSourcedId", json="scoreScale", shape="ref"),
    content=(
        text("title", json=""),
        ref("lineItemSourcedId", "lineItems", required=True, json=""),
        ref("scoreScaleSourcedId", "scoreScales", required=True),
    ),
)

RESULT_SCORE_SCALES = Entity(
    "resultScoreScales",
    "resultScoreScale",
    "gradebook",
    embedding=Embedding("resultSourcedId", json="scoreScale", shape="ref"),
    content=(
        text("title", json=""),
        ref("resultSourcedId", "results", required=True, json=""),
        ref("scoreScaleSourcedId", "scoreScales", required=True),
    ),
)

LINE_ITEM_LEARNING_OBJECTIVE_IDS = Entity(
    "lineItemLearningObjectiveIds",
    "lineItemLearningObjectiveId",
    "gradebook",
    embedding=Embedding("lineItemSourcedId", json="learningObjectiveSet", shape="groups", group="learningObjectiveIds"),
    content=(
        ref("lineItemSourcedId", "lineItems", required=True, json=""),
        enum("source", v.OBJECTIVE_SOURCE, required=True, stored_as="objective_source"),
        text("learningObjectiveId", required=True),
    ),
)

RESULT_LEARNING_OBJECTIVE_IDS = Entity(
    "resultLearningObjectiveIds",
    "resultLearningObjectiveId",
    "gradebook",
    embedding=Embedding(
        "resultSourcedId", json="learningObjectiveSet", shape="groups", group="learningObjectiveResults"
    ),
    content=(
        ref("resultSourcedId", "results", required=True, json=""),
        enum("source", v.OBJECTIVE_SOURCE, required=True, stored_as="objective_source"),
        text("learningObjectiveId", required=True),
        number("score"),
        text("textScore"),
    ),
)

# REST has these collections, CSV has no file for them (OpenAPI: AssessmentLineItemDType, AssessmentResultDType).
ASSESSMENT_LINE_ITEMS = Entity(
    "assessmentLineItems",
    "assessmentLineItem",
    "gradebook",
    content=(
        text("title", required=True),
        text("description"),
        ref("classSourcedId", "classes"),
        ref("parentAssessmentLineItemSourcedId", "assessmentLineItems"),
        ref("scoreScaleSourcedId", "scoreScales"),
        number("resultValueMin"),
        number("resultValueMax"),
    ),
)

ASSESSMENT_RESULTS = Entity(
    "assessmentResults",
    "assessmentResult",
    "gradebook",
    content=(
        ref("assessmentLineItemSourcedId", "assessmentLineItems", required=True),
        ref("studentSourcedId", "users", required=True),
        number("score"),
        text("textScore"),
        date("scoreDate", required=True),
        ref("scoreScaleSourcedId", "scoreScales"),
        number("scorePercentile"),
        enum("scoreStatus", v.SCORE_STATUS, required=True),
        text("comment"),
        boolean("inProgress"),
        boolean("incomplete"),
        boolean("late"),
        boolean("missing"),
    ),
)
