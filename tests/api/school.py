"""A roster for what belongs to what: a district with schools, links that are active and links that are not.

Tombstones are: the school's class c3, the grading period g2, the user z, the line item l2, and some links.
"""

import datetime as dt

from tests.api.roster import Roster


def fill(roster: Roster) -> None:
    """All of it, in one publication."""
    roster.publish()
    _fill_frame(roster)
    _fill_people(roster)
    _fill_gradebook(roster)


def _fill_frame(roster: Roster) -> None:
    for id, type in (("d", "district"), ("n", "school"), ("s", "school"), ("empty", "school")):
        roster.insert("orgs", id, {"name": id, "type": type})
    day = {"startDate": dt.date(2026, 4, 1), "endDate": dt.date(2027, 3, 31), "schoolYear": 2027}
    for id, type, parent, status in (
        *(("y", "schoolYear", None, "active"), ("t1", "term", "y", "active"), ("t2", "term", "y", "active")),
        *(("g1", "gradingPeriod", "t1", "active"), ("g2", "gradingPeriod", "t1", "tobedeleted")),
    ):
        values = {**day, "title": id, "type": type, "parentSourcedId": parent}
        roster.insert("academicSessions", id, values, status=status)
    for id, org in (("k1", "n"), ("k2", "d")):
        roster.insert("courses", id, {"title": id, "orgSourcedId": org})
    for id, school, course, terms, status in (
        ("c1", "n", "k1", ["t1"], "active"),
        ("c2", "s", "k2", ["t1", "g1"], "active"),
        ("c3", "n", "k1", ["t2"], "tobedeleted"),
    ):
        link = {"schoolSourcedId": school, "courseSourcedId": course, "termSourcedIds": terms}
        roster.insert("classes", id, {"title": id, "classType": "scheduled", **link}, status=status)
    for id in ("b1", "b2", "b3"):
        roster.insert("resources", id, {"vendorResourceId": id})
    roster.insert("classResources", "x1", {"classSourcedId": "c1", "resourceSourcedId": "b1"})
    roster.insert("classResources", "x2", {"classSourcedId": "c1", "resourceSourcedId": "b2"}, status="tobedeleted")
    roster.insert("courseResources", "x3", {"courseSourcedId": "k1", "resourceSourcedId": "b2"})


def _fill_people(roster: Roster) -> None:
    for id in "abtpxzw":
        own = {"resourceSourcedIds": ["b3"]} if id == "a" else {}
        user = {"enabledUser": True, "username": id, "givenName": id, "familyName": id, **own}
        roster.insert("users", id, user, status="tobedeleted" if id == "z" else "active")
    roster.insert("userResources", "x4", {"userSourcedId": "a", "resourceSourcedId": "b1"})
    for id, role, org, status in (
        *(("a", "student", "n", "active"), ("b", "student", "s", "active"), ("t", "teacher", "n", "active")),
        *(("p", "guardian", "n", "active"), ("x", "student", "n", "active"), ("w", "teacher", "s", "active")),
        ("z", "student", "n", "tobedeleted"),
    ):
        values = {"userSourcedId": id, "roleType": "primary", "role": role, "orgSourcedId": org}
        roster.insert("roles", f"role-{id}", values, status=status)
    for id, user, klass, school, role, status in (
        *(("e1", "a", "c1", "n", "student", "active"), ("e2", "b", "c1", "n", "student", "tobedeleted")),
        *(("e3", "t", "c1", "n", "teacher", "active"), ("e4", "b", "c2", "s", "student", "active")),
        *(("e5", "t", "c2", "s", "teacher", "tobedeleted"), ("e6", "p", "c1", "n", "administrator", "active")),
        *(("e7", "a", "c3", "n", "student", "active"), ("e8", "z", "c2", "s", "student", "active")),
    ):
        values = {"userSourcedId": user, "classSourcedId": klass, "schoolSourcedId": school, "role": role}
        roster.insert("enrollments", id, values, status=status)


def _fill_gradebook(roster: Roster) -> None:
    day = dt.date(2026, 9, 1)
    for id in ("a1", "a2"):
        roster.insert("categories", id, {"title": id})
    for id, klass, category, school, status in (
        *(("l1", "c1", "a1", "n", "active"), ("l2", "c1", "a2", "n", "tobedeleted"), ("l3", "c2", "a2", "s", "active")),
    ):
        links = {"classSourcedId": klass, "categorySourcedId": category, "schoolSourcedId": school}
        item = {"title": id, "assignDate": day, "dueDate": day, "academicSessionSourcedId": "g1", **links}
        roster.insert("lineItems", id, item, status=status)
    for id, item, student, klass in (
        *(("r1", "l1", "a", "c1"), ("r2", "l1", "a", None), ("r3", "l3", "b", None), ("r4", "l2", "a", None)),
        ("r5", "l1", "b", "c1"),
    ):
        links = {"lineItemSourcedId": item, "studentSourcedId": student, "classSourcedId": klass}
        roster.insert("results", id, {"scoreStatus": "submitted", "scoreDate": day, **links})
    for id, org, course, klass in (("s1", "n", "k1", "c1"), ("s2", "s", "k2", "c2")):
        links = {"orgSourcedId": org, "courseSourcedId": course, "classSourcedId": klass}
        roster.insert("scoreScales", id, {"title": id, "type": "t", "scoreScaleValue": ["A:1"], **links})
