"""The Japan profile as an overlay on 1.2: what it demands or recommends beyond the base. Facts only.

The official text was not read; the facts are those that several vendors' sources agree on. Data is never corrected:
schoolYear stays the year in which the school year begins, endDate the 31st of March.
"""

from dataclasses import dataclass
from enum import StrEnum

from pipelines.oneroster.vocabularies import Vocabulary

GRADE = Vocabulary(
    "grade",
    ("P1", "P2", "P3", "P4", "P5", "P6", "J1", "J2", "J3", "H1", "H2", "H3", "E1", "E2", "E3"),
)
SUBJECT_CODE = Vocabulary(
    "subject code",
    (*(f"P{number:03}" for number in range(10, 101, 10)), *(f"J{number:03}" for number in range(10, 91, 10))),
)
SESSION_TYPE = Vocabulary("session type", ("schoolYear",))
ORG_TYPE = Vocabulary("org type", ("district", "school"))
CLASS_TYPE = Vocabulary("class type", ("homeroom", "scheduled"))
SEX = Vocabulary("sex", ("male", "female", "unspecified", "other"))

# Words of the base that the profile does not have. (entity, column): the terms left.
VOCABULARIES: dict[tuple[str, str], Vocabulary] = {
    ("academicSessions", "type"): SESSION_TYPE,
    ("orgs", "type"): ORG_TYPE,
    ("courses", "grades"): GRADE,
    ("courses", "subjectCodes"): SUBJECT_CODE,
    ("classes", "classType"): CLASS_TYPE,
    ("classes", "grades"): GRADE,
    ("classes", "subjectCodes"): SUBJECT_CODE,
    ("users", "grades"): GRADE,
    ("demographics", "sex"): SEX,
}

FORBIDDEN: dict[tuple[str, str], tuple[str, ...]] = {("roles", "role"): ("parent", "relative")}

MUST_BE_BLANK = (("courses", "courseCode"),)

UUID4 = r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
SCHOOL_OR_BOARD_CODE = r"^([A-H][12][0-4][0-9][123][0-9]{8}|[0-4][0-9]{5})$"
KANA = r"^[ァ-ヺー・　 ]+$"
HALF_WIDTH_KANA = "[\uff66-\uff9f]"
TRUE_FALSE = "^(true|false)$"


class Form(StrEnum):
    """What a recommended form is about; each has a finding of its own."""

    ID = "jp_id_form"
    CODE = "jp_code_form"
    KANA = "jp_kana_form"
    TITLE = "jp_title_form"
    VALUE = "jp_value_form"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Filled cells of a column should look like this; a warning that never fails."""

    entity: str
    column: str
    pattern: str
    form: Form


RECOMMENDATIONS: tuple[Recommendation, ...] = (
    Recommendation("users", "userMasterIdentifier", UUID4, Form.ID),
    Recommendation("orgs", "identifier", SCHOOL_OR_BOARD_CODE, Form.CODE),
    Recommendation("academicSessions", "title", "^[0-9]{4}年度$", Form.TITLE),
    Recommendation("courses", "title", "^[0-9]{4}年度", Form.TITLE),
    *(
        Recommendation("users", f"metadata.jp.{name}", KANA, Form.KANA)
        for name in (
            "kanaGivenName",
            "kanaFamilyName",
            "kanaMiddleName",
            "kanaPreferredGivenName",
            "kanaPreferredFamilyName",
            "kanaPreferredMiddleName",
        )
    ),
    Recommendation("classes", "metadata.jp.specialNeeds", TRUE_FALSE, Form.VALUE),
    *(
        Recommendation("enrollments", f"metadata.jp.{name}", pattern, Form.VALUE)
        for names, pattern in ((("ShussekiNo", "shussekiNo"), "^[0-9]+$"), (("PublicFlg", "publicFlg"), TRUE_FALSE))
        for name in names
    ),
)

# Required by the standards that build on the profile (ePortal, PSE), not by the profile itself.
EXPECTED: dict[str, tuple[str, ...]] = {
    "users": (
        "userMasterIdentifier",
        "preferredGivenName",
        "preferredFamilyName",
        "metadata.jp.kanaGivenName",
        "metadata.jp.kanaFamilyName",
    ),
    "enrollments": ("primary",),
}

# Extension columns that the profile has; any one of the spellings will do.
EXTENSIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "users": (
        ("metadata.jp.kanaGivenName",),
        ("metadata.jp.kanaFamilyName",),
        ("metadata.jp.kanaMiddleName",),
        ("metadata.jp.homeClass",),
    ),
    "enrollments": (
        ("metadata.jp.ShussekiNo", "metadata.jp.shussekiNo"),
        ("metadata.jp.PublicFlg", "metadata.jp.publicFlg"),
    ),
    "classes": (("metadata.jp.specialNeeds",),),
}
