"""A district of two schools, and by hand what a client limited to one of them may see (rulings, REST).

What is invisible from school A carries the word SECRET in its names, so that whatever tells of it is noticed.
"""

import datetime as dt
from typing import Any

from tests.api.roster import Roster

SECRET = "SECRET"

# collection → ids that a client limited to school A sees
OF_SCHOOL_A: dict[str, set[str]] = {
    "academicSessions": {"year", "term", "period"},
    "terms": {"term"},
    "gradingPeriods": {"period"},
    "orgs": {"school-a", "dept-a"},
    "schools": {"school-a"},
    "courses": {"course-a"},
    "classes": {"class-a"},
    "users": {"student-a", "teacher-ab", "aide-a", "guardian-a", "guest", "gone"},
    "students": {"student-a", "guest", "gone"},
    "teachers": {"teacher-ab"},
    "enrollments": {"a-student", "a-teacher", "a-guest", "a-former"},
    "demographics": {"student-a"},
    "resources": {"of-class-a", "of-student-a"},
    "categories": {"homework"},
    "lineItems": {"essay-a"},
    "results": {"result-a"},
    "scoreScales": {"scale-a"},
    "assessmentLineItems": set(),
    "assessmentResults": set(),
}


def fill(roster: Roster, source: str) -> None:
    """The district as the source's first generation."""
    roster.publish(source)
    place = _Place(roster, source)
    place.sessions()
    place.orgs()
    place.classes()
    place.users()
    place.enrollments()
    place.gradebook()
    place.resources()


class _Place:
    def __init__(self, roster: Roster, source: str) -> None:
        self._roster = roster
        self._source = source

    def add(self, entity: str, id: str, *, status: str = "active", **values: Any) -> None:
        self._roster.insert(entity, id, values, source=self._source, status=status)

    def sessions(self) -> None:
        dates = {"startDate": dt.date(2026, 4, 1), "endDate": dt.date(2027, 3, 31), "schoolYear": 2026}
        self.add("academicSessions", "year", title="Year", type="schoolYear", **dates)
        self.add("academicSessions", "term", title="Term", type="term", parentSourcedId="year", **dates)
        self.add("academicSessions", "period", title="Period", type="gradingPeriod", parentSourcedId="term", **dates)

    def orgs(self) -> None:
        self.add("orgs", "district", name=f"District {SECRET}", type="district", identifier=SECRET)
        self.add("orgs", "school-a", name="School A", type="school", parentSourcedId="district")
        self.add("orgs", "dept-a", name="Department of A", type="department", parentSourcedId="school-a")
        self.add("orgs", "school-b", name=f"School B {SECRET}", type="school", parentSourcedId="district")
        self.add("orgs", "elsewhere", name=f"Elsewhere {SECRET}", type="district")

    def classes(self) -> None:
        for id, org in (("course-d", "district"), ("course-a", "school-a"), ("course-b", "school-b")):
            secret = "" if org == "school-a" else f" {SECRET}"
            self.add("courses", id, title=f"Course{secret}", orgSourcedId=org, schoolYearSourcedId="year")
        for letter, course in (("a", "course-d"), ("b", "course-b")):
            self.add(
                "classes",
                f"class-{letter}",
                title="Class" if letter == "a" else f"Class {SECRET}",
                courseSourcedId=course,
                classType="scheduled",
                schoolSourcedId=f"school-{letter}",
                termSourcedIds=["term"],
            )

    def users(self) -> None:
        self.user("student-a", ("student", "school-a"), agents=["guardian-a"])
        self.user("student-b", ("student", "school-b"), agents=["guardian-b"], secret=True)
        self.user("teacher-ab", ("teacher", "school-a"), ("teacher", "school-b"))
        self.user("aide-a", ("aide", "dept-a"))
        self.user("guardian-a", ("guardian", "elsewhere"))
        self.user("guardian-b", ("guardian", "elsewhere"), secret=True)
        self.user("guest", ("student", "school-b"))
        self.user("former", ("student", "school-b"), secret=True)
        self.user("moved", ("student", "school-b"), secret=True)
        self.role("moved-before", "moved", "student", "school-a", status="tobedeleted")
        self.user("gone", status="tobedeleted")
        self.role("gone-before", "gone", "student", "school-a", status="tobedeleted")
        for id in ("student-a", "student-b"):
            self.add("demographics", id, sex="female")

    def user(
        self, id: str, *roles: tuple[str, str], agents: Any = None, secret: bool = False, status: str = "active"
    ) -> None:
        name = SECRET if secret else "Family"
        names = {"username": f"{id} {name}", "givenName": name, "familyName": name, "email": f"{name}@{id}"}
        self.add("users", id, enabledUser=True, agentSourcedIds=agents, status=status, **names)
        for role, org in roles:
            self.role(f"{id}-{org}", id, role, org)

    def role(self, id: str, user: str, role: str, org: str, status: str = "active") -> None:
        self.add("roles", id, userSourcedId=user, roleType="primary", role=role, orgSourcedId=org, status=status)

    def enrollments(self) -> None:
        for id, user, role, letter, status in (
            ("a-student", "student-a", "student", "a", "active"),
            ("b-student", "student-b", "student", "b", "active"),
            ("a-teacher", "teacher-ab", "teacher", "a", "active"),
            ("b-teacher", "teacher-ab", "teacher", "b", "active"),
            ("a-guest", "guest", "student", "a", "active"),
            ("a-former", "former", "student", "a", "tobedeleted"),
            ("b-former", "former", "student", "b", "active"),
        ):
            values = {"classSourcedId": f"class-{letter}", "schoolSourcedId": f"school-{letter}"}
            self.add("enrollments", id, userSourcedId=user, role=role, status=status, **values)

    def gradebook(self) -> None:
        self.add("categories", "homework", title="Homework")
        for letter, user in (("a", "student-a"), ("b", "student-b")):
            secret = "" if letter == "a" else f" {SECRET}"
            of = {"classSourcedId": f"class-{letter}"}
            self.add(
                "lineItems",
                f"essay-{letter}",
                title=f"Essay{secret}",
                assignDate=dt.date(2026, 9, 1),
                dueDate=dt.date(2026, 9, 2),
                categorySourcedId="homework",
                academicSessionSourcedId="period",
                schoolSourcedId=f"school-{letter}",
                **of,
            )
            marks = {"scoreStatus": "fully graded", "scoreDate": dt.date(2026, 9, 3), "comment": f"Good{secret}"}
            self.add("results", f"result-{letter}", lineItemSourcedId=f"essay-{letter}", studentSourcedId=user, **marks)
            scale = {"type": "t", "scoreScaleValue": ["A:90"], "courseSourcedId": "course-d"}
            self.add(
                "scoreScales",
                f"scale-{letter}",
                title=secret or "Scale",
                orgSourcedId=f"school-{letter}",
                **scale,
                **of,
            )

    def resources(self) -> None:
        for id in ("of-class-a", "of-class-b", "of-student-a", "of-nobody"):
            secret = "" if id.endswith("-a") else f" {SECRET}"
            self.add("resources", id, vendorResourceId=f"{id}{secret}", title=f"Resource{secret}")
        for letter in "ab":
            link = {"classSourcedId": f"class-{letter}", "resourceSourcedId": f"of-class-{letter}"}
            self.add("classResources", f"link-{letter}", **link)
        self.add("userResources", "link-s", userSourcedId="student-a", resourceSourcedId="of-student-a")
