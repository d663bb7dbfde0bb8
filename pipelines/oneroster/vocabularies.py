"""The closed and the extensible word lists of OneRoster 1.2 (CSV binding 1.2, section 4; guide 1.4).

What may not enter: Japan's lists (japan.py) and anything that checks a value.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms a cell may hold; an extensible one also takes `ext:` and a name."""

    name: str
    terms: tuple[str, ...]
    extensible: bool = False

    def closed(self) -> "Vocabulary":
        """The same terms as 1.1 has them: `ext:` came with 1.2."""
        return replace(self, extensible=False)


EXTENSION_PREFIX = "ext:"
EXTENSION_PATTERN = r"^ext:[a-zA-Z0-9.\-_]+$"

STATUS = Vocabulary("status", ("active", "tobedeleted"))
BOOLEAN = Vocabulary("boolean", ("true", "false"))

SESSION_TYPE = Vocabulary("session type", ("gradingPeriod", "semester", "schoolYear", "term"), extensible=True)
CLASS_TYPE = Vocabulary("class type", ("homeroom", "scheduled"), extensible=True)
ORG_TYPE = Vocabulary("org type", ("department", "school", "district", "local", "state", "national"), extensible=True)
SEX = Vocabulary("sex", ("male", "female", "unspecified", "other"), extensible=True)
ENROLLMENT_ROLE = Vocabulary("enrollment role", ("administrator", "proctor", "student", "teacher"), extensible=True)
ROLE_TYPE = Vocabulary("role type", ("primary", "secondary"))
ROLE = Vocabulary(
    "role",
    (
        "aide",
        "counselor",
        "districtAdministrator",
        "guardian",
        "parent",
        "principal",
        "proctor",
        "relative",
        "siteAdministrator",
        "student",
        "systemAdministrator",
        "teacher",
    ),
    extensible=True,
)
# The role words of users.csv in 1.1, which resources.roles kept in 1.2.
ROLE_V1P1 = Vocabulary(
    "role 1.1",
    ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"),
)
RESOURCE_ROLE = replace(ROLE_V1P1, name="resource role", extensible=True)
IMPORTANCE = Vocabulary("importance", ("primary", "secondary"))
SCORE_STATUS = Vocabulary(
    "score status",
    ("exempt", "fully graded", "not submitted", "partially graded", "submitted"),
    extensible=True,
)
OBJECTIVE_SOURCE = Vocabulary("learning objective source", ("case", "unknown"), extensible=True)
