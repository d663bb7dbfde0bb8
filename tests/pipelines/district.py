"""A tiny district for tests: every entity has rows, each row can be changed, and it is written as a real bundle.

Headers come from the declarations. Every value earns its place: a district above two schools, a session tree, a
teacher, two students of whom one has a guardian, an optional column filled once.
"""

import copy
import csv
from pathlib import Path
from typing import Any

from pipelines.oneroster.manifest import FILE_PREFIX, HEADER, Mode, Version
from pipelines.oneroster.registry import ENTITIES
from pipelines.oneroster.v1p1 import ADMINISTRATOR_BY_ORG_TYPE

Row = dict[str, str]

UUID = "0b7a1f2e-6f8d-4a53-9c66-7e9d5f1c0a11"

ROWS: dict[str, list[Row]] = {
    "academicSessions": [
        {"sourcedId": "year", "title": "2025/26", "type": "schoolYear", "startDate": "2025-08-01",
         "endDate": "2026-07-01", "schoolYear": "2026"},
        {"sourcedId": "term", "title": "Autumn", "type": "term", "startDate": "2025-08-01", "endDate": "2026-01-01",
         "parentSourcedId": "year", "schoolYear": "2026"},
        {"sourcedId": "period", "title": "Q1", "type": "gradingPeriod", "startDate": "2025-08-01",
         "endDate": "2025-11-01", "parentSourcedId": "term", "schoolYear": "2026"},
    ],
    "orgs": [
        {"sourcedId": "district", "name": "District", "type": "district", "identifier": "D1"},
        {"sourcedId": "north", "name": "North", "type": "school", "parentSourcedId": "district"},
        {"sourcedId": "south", "name": "South", "type": "school", "parentSourcedId": "district"},
    ],
    "courses": [
        {"sourcedId": "maths", "title": "Maths", "courseCode": "M1", "orgSourcedId": "district",
         "schoolYearSourcedId": "year", "grades": "09,10", "subjects": "Maths", "subjectCodes": "02"},
    ],
    "classes": [
        {"sourcedId": "class1", "title": "Maths 1", "courseSourcedId": "maths", "classType": "scheduled",
         "schoolSourcedId": "north", "termSourcedIds": "term", "periods": "1,2"},
        {"sourcedId": "class2", "title": "Maths 2", "courseSourcedId": "maths", "classType": "homeroom",
         "schoolSourcedId": "south", "termSourcedIds": "term,period"},
    ],
    "users": [
        {"sourcedId": "teacher", "enabledUser": "true", "username": "teacher", "givenName": "Ada",
         "familyName": "Lovelace", "userIds": "{staff:7},{mail:ada@x}", "primaryOrgSourcedId": "north"},
        {"sourcedId": "pupil1", "enabledUser": "true", "username": "pupil1", "givenName": "Bo", "familyName": "Ek",
         "agentSourcedIds": "guardian", "grades": "09", "email": "bo@example.org"},
        {"sourcedId": "pupil2", "enabledUser": "false", "username": "pupil2", "givenName": "Chi",
         "familyName": "O'Neil"},
        {"sourcedId": "guardian", "enabledUser": "true", "username": "guardian", "givenName": "Di",
         "familyName": "Ek"},
    ],
    "userProfiles": [
        {"sourcedId": UUID, "userSourcedId": "teacher", "profileType": "learning", "vendorId": "v1",
         "credentialType": "sso", "username": "ada"},
    ],
    "roles": [
        {"sourcedId": "r1", "userSourcedId": "teacher", "roleType": "primary", "role": "teacher",
         "orgSourcedId": "north", "userProfileSourcedId": UUID},
        {"sourcedId": "r2", "userSourcedId": "pupil1", "roleType": "primary", "role": "student",
         "orgSourcedId": "north", "beginDate": "2025-08-01"},
        {"sourcedId": "r3", "userSourcedId": "pupil2", "roleType": "primary", "role": "student",
         "orgSourcedId": "south"},
        {"sourcedId": "r4", "userSourcedId": "guardian", "roleType": "primary", "role": "guardian",
         "orgSourcedId": "north"},
    ],
    "demographics": [{"sourcedId": "pupil1", "birthDate": "2011-02-03", "sex": "female", "asian": "true"}],
    "enrollments": [
        {"sourcedId": "e1", "classSourcedId": "class1", "schoolSourcedId": "north", "userSourcedId": "teacher",
         "role": "teacher", "primary": "true"},
        {"sourcedId": "e2", "classSourcedId": "class1", "schoolSourcedId": "north", "userSourcedId": "pupil1",
         "role": "student", "beginDate": "2025-08-01", "endDate": "2026-01-01"},
        {"sourcedId": "e3", "classSourcedId": "class2", "schoolSourcedId": "south", "userSourcedId": "pupil2",
         "role": "student"},
    ],
    "resources": [{"sourcedId": "book", "vendorResourceId": "isbn", "title": "Book", "roles": "student,teacher",
                   "importance": "primary"}],
    "classResources": [{"sourcedId": "cr1", "classSourcedId": "class1", "resourceSourcedId": "book"}],
    "courseResources": [{"sourcedId": "co1", "courseSourcedId": "maths", "resourceSourcedId": "book"}],
    "userResources": [{"sourcedId": "ur1", "userSourcedId": "pupil1", "resourceSourcedId": "book"}],
    "categories": [{"sourcedId": "tests", "title": "Tests", "weight": "40"}],
    "scoreScales": [
        {"sourcedId": "scale", "title": "Pass", "type": "ordinal", "orgSourcedId": "north",
         "courseSourcedId": "maths", "classSourcedId": "class1", "scoreScaleValue": "{P:50},{F:0}"},
    ],
    "lineItems": [
        {"sourcedId": "quiz", "title": "Quiz", "assignDate": "2025-09-01", "dueDate": "2025-09-02",
         "classSourcedId": "class1", "categorySourcedId": "tests", "academicSessionSourcedId": "period",
         "resultValueMin": "0", "resultValueMax": "10.5", "schoolSourcedId": "north"},
    ],
    "results": [
        {"sourcedId": "res1", "lineItemSourcedId": "quiz", "studentSourcedId": "pupil1",
         "scoreStatus": "fully graded", "score": "7.5", "scoreDate": "2025-09-03", "late": "false"},
    ],
    "lineItemScoreScales": [{"sourcedId": "ls1", "lineItemSourcedId": "quiz", "scoreScaleSourcedId": "scale"}],
    "resultScoreScales": [{"sourcedId": "rs1", "resultSourcedId": "res1", "scoreScaleSourcedId": "scale"}],
    "lineItemLearningObjectiveIds": [
        {"sourcedId": "lo1", "lineItemSourcedId": "quiz", "source": "case", "learningObjectiveId": UUID},
    ],
    "resultLearningObjectiveIds": [
        {"sourcedId": "ro1", "resultSourcedId": "res1", "source": "unknown", "learningObjectiveId": "x1",
         "score": "3"},
    ],
}  # fmt: skip


class District:
    """Rows by file, to be changed and written. `modes` is bulk for every file that has rows unless told otherwise.

    Rows are always those of 1.2. Where `version` is 1.1 they are written as that version says them: a user's role and
    orgs in the users file, and without the files and columns that it lacks.
    """

    def __init__(self, version: Version = Version.V1P2):
        self.version = version
        self.rows = copy.deepcopy(ROWS)
        self.modes: dict[str, Mode] = {}
        self.extra_columns: dict[str, list[str]] = {}

    def row(self, file: str, sourced_id: str) -> Row:
        return next(row for row in self.rows[file] if row["sourcedId"] == sourced_id)

    def change(self, file: str, sourced_id: str, **cells: str) -> "District":
        self.row(file, sourced_id).update(cells)
        return self

    def remove(self, file: str, sourced_id: str) -> "District":
        self.rows[file] = [row for row in self.rows[file] if row["sourcedId"] != sourced_id]
        return self

    def add(self, file: str, **cells: str) -> "District":
        self.rows[file].append(cells)
        return self

    def only(self, *files: str) -> "District":
        self.rows = {name: rows for name, rows in self.rows.items() if name in files}
        return self

    def delta(self, date: str = "2026-01-02T00:00:00.000Z") -> "District":
        """The same rows as changes: every file delta, every row active unless it says otherwise."""
        for name, rows in self.rows.items():
            self.modes[name] = Mode.DELTA
            for row in rows:
                row.setdefault("status", "active")
                row.setdefault("dateLastModified", date)
        return self

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self._rows_as_sent().items():
            if rows:
                header = [*self._header(name), *self.extra_columns.get(name, [])]
                _write(folder / f"{name}.csv", header, [[row.get(column, "") for column in header] for row in rows])
        _write(folder / "manifest.csv", list(HEADER), self._manifest())
        return folder

    def _rows_as_sent(self) -> dict[str, list[Row]]:
        if self.version is Version.V1P2:
            return self.rows
        names = {entity.name for entity in self.version.entities}
        return {name: [self._as_1_1(name, row) for row in rows] for name, rows in self.rows.items() if name in names}

    def _as_1_1(self, name: str, row: Row) -> Row:
        if name == "users":
            roles = [role for role in self.rows["roles"] if role["userSourcedId"] == row["sourcedId"]]
            roles.sort(key=lambda role: role["roleType"])  # primary comes first
            orgs = ",".join(role["orgSourcedId"] for role in roles)
            return {**row, "role": _role_of_1_1(roles[0]["role"]) if roles else "", "orgSourcedIds": orgs}
        if name == "lineItems":
            return {**row, "gradingPeriodSourcedId": row.get("academicSessionSourcedId", "")}
        return row

    def _header(self, name: str) -> tuple[str, ...]:
        return next(entity.header for entity in self.version.entities if entity.name == name)

    def _manifest(self) -> list[list[Any]]:
        files = [
            [FILE_PREFIX + entity.name, self._mode(entity.name)]
            for entity in ENTITIES
            if entity in self.version.entities or self.version is Version.V1P2
        ]
        return [["manifest.version", "1.0"], ["oneroster.version", self.version.value], *files]

    def _mode(self, name: str) -> str:
        return (self.modes.get(name, Mode.BULK) if self.rows.get(name) else Mode.ABSENT).value


def _role_of_1_1(role: str) -> str:
    return "administrator" if role in ADMINISTRATOR_BY_ORG_TYPE.values() else role


def _write(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
