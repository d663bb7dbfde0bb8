"""A small roster made by hand, of awkward values: what a filter finds in it and in which order is written by hand too.

Three publications: the second deleted u4, the third brought u5.
"""

import datetime as dt

from tests.api.roster import MOMENT, Roster

SECOND = dt.datetime(2026, 8, 2, tzinfo=dt.UTC)
THIRD = dt.datetime(2026, 8, 3, 12, tzinfo=dt.UTC)

ORGS = {
    "d": {"name": "District", "type": "district"},
    "n": {"name": "North", "type": "school", "identifier": "N1", "parentSourcedId": "d"},
    "s": {"name": "South", "type": "school", "parentSourcedId": "d"},
}
SESSION = {"startDate": dt.date(2026, 4, 1), "endDate": dt.date(2027, 3, 31)}
SESSIONS = {
    "y": {**SESSION, "title": "2026", "type": "schoolYear", "schoolYear": 2026},
    "t": {**SESSION, "title": "Spring", "type": "term", "schoolYear": 2027, "parentSourcedId": "y"},
    "g": {**SESSION, "title": "Q1", "type": "gradingPeriod", "schoolYear": 2027, "parentSourcedId": "t"},
}
USERS = {
    "u1": {"givenName": "Ann", "familyName": "O'Neil", "email": "ann@x.org", "grades": ["09"], "identifier": "10",
           "agentSourcedIds": ["u5"], "primaryOrgSourcedId": "n", "resourceSourcedIds": ["b1"]},
    "u2": {"givenName": "Bob", "familyName": "o'neil", "grades": ["09", "10"],
           "userIds": ["sis:7", "card:A:9", "bare"]},
    "u3": {"givenName": "José", "familyName": "A AND B"},
    "u4": {"givenName": "Öztürk", "familyName": "50%_\\", "identifier": "9", "primaryOrgSourcedId": "s"},
    "u5": {"givenName": "Ann", "familyName": "Zoë", "identifier": "2", "enabledUser": False},
}  # fmt: skip
CLASS = {"courseSourcedId": "k", "classType": "scheduled"}
CLASSES = {
    "c1": {**CLASS, "title": "Maths", "schoolSourcedId": "n", "termSourcedIds": ["t"]},
    "c2": {**CLASS, "title": "maths", "schoolSourcedId": "s", "termSourcedIds": ["t", "g"]},
}
ITEM = {"title": "T", "assignDate": dt.date(2026, 9, 1), "categorySourcedId": "a", "schoolSourcedId": "n"}
ITEMS = {
    "l1": {**ITEM, "dueDate": dt.date(2026, 9, 2), "classSourcedId": "c1", "academicSessionSourcedId": "g"},
    "l2": {**ITEM, "dueDate": dt.date(2026, 9, 3), "classSourcedId": "c1", "academicSessionSourcedId": "t"},
}
RESULT = {"studentSourcedId": "u1", "scoreStatus": "submitted", "scoreDate": dt.date(2026, 9, 9)}
RESULTS = {
    "r1": {**RESULT, "lineItemSourcedId": "l1", "score": 7.5, "late": True},
    "r2": {**RESULT, "lineItemSourcedId": "l1", "score": 10.0, "late": False},
    "r3": {**RESULT, "lineItemSourcedId": "l2", "textScore": "B"},
}


def fill(roster: Roster) -> None:
    """Everything, in its three publications."""
    roster.publish(moment=MOMENT)
    _fill_the_rest(roster)
    for id, user in USERS.items():
        if id == "u4":
            roster.publish(moment=SECOND)
        if id == "u5":
            roster.publish(moment=THIRD)
        status = "tobedeleted" if id == "u4" else "active"
        roster.insert("users", id, {"enabledUser": True, "username": id, **user}, status=status, metadata=_metadata(id))
    _give_roles(roster)


def _metadata(id: str) -> dict[str, str] | None:
    return {"jp.kana": "タロウ"} if id == "u3" else None


def _fill_the_rest(roster: Roster) -> None:
    roster.insert("courses", "k", {"title": "K", "orgSourcedId": "d", "schoolYearSourcedId": "y"})
    roster.insert("resources", "b1", {"vendorResourceId": "1", "title": "Book", "roles": ["student", "teacher"]})
    for id, weight in (("a", 9), ("b", 10), ("c", None)):
        roster.insert("categories", id, {"title": id, "weight": weight})
    for name, records in (
        *(("academicSessions", SESSIONS), ("orgs", ORGS), ("classes", CLASSES)),
        *(("lineItems", ITEMS), ("results", RESULTS)),
    ):
        for id, record in records.items():
            roster.insert(name, id, record)
    roster.insert("userResources", "x1", {"userSourcedId": "u2", "resourceSourcedId": "b1"})
    roster.insert("userResources", "x2", {"userSourcedId": "u3", "resourceSourcedId": "b1"}, status="tobedeleted")
    _enroll(roster)


def _enroll(roster: Roster) -> None:
    spring, autumn = dt.date(2026, 4, 1), dt.date(2026, 9, 1)
    for id, status, user, school, klass, role, more in (
        ("e1", "active", "u1", "n", "c1", "student", {"beginDate": spring, "primary": True}),
        ("e2", "active", "u2", "n", "c1", "teacher", {}),
        ("e3", "tobedeleted", "u3", "s", "c2", "student", {"beginDate": autumn}),
    ):
        values = {"userSourcedId": user, "schoolSourcedId": school, "classSourcedId": klass, "role": role, **more}
        roster.insert("enrollments", id, values, status=status)


def _give_roles(roster: Roster) -> None:
    """u3 has only deleted ones, of which the last is shown; u4 has none at all."""
    for id, user, role, org in (
        *(("o1", "u1", "student", "n"), ("o2", "u2", "teacher", "s"), ("o3", "u2", "student", "n")),
        ("o5", "u5", "guardian", "n"),
    ):
        profile = {"userProfileSourcedId": "p 1"} if user == "u5" else {}
        values = {"userSourcedId": user, "roleType": "primary", "role": role, "orgSourcedId": org, **profile}
        roster.insert("roles", id, values)
    for id, role in (("o6", "teacher"), ("o7", "student")):
        roster.publish(moment=THIRD + dt.timedelta(days=int(id[1])))
        values = {"userSourcedId": "u3", "roleType": "primary", "role": role, "orgSourcedId": "n"}
        roster.insert("roles", id, values, status="tobedeleted")
    profile = {"userSourcedId": "u5", "profileType": "t", "vendorId": "v", "credentialType": "sso", "username": "zoe"}
    roster.insert("userProfiles", "p 1", profile)
