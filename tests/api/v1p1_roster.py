"""Users whose role and orgs in 1.1 take thinking about, and records with words that 1.1 does not have."""

from dataclasses import dataclass, field

from tests.api.roster import Roster

Row = tuple[str, str, str]  # role type, role, org


@dataclass(frozen=True)
class User:
    """What 1.2 has of a user, and by hand what 1.1 shows for it. `deleted` are roles that ended, by publication."""

    role: str
    orgs: tuple[str, ...]
    roles: tuple[Row, ...] = ()
    primary_org: str | None = None
    deleted: tuple[tuple[Row, ...], ...] = field(default=())


USERS: dict[str, User] = {
    "several": User(
        "teacher",
        ("south", "district", "north"),
        (("primary", "aide", "north"), ("primary", "teacher", "south"), ("secondary", "guardian", "district")),
        "south",
    ),
    "secondary-at-primary-org": User(
        "student", ("north", "south"), (("secondary", "teacher", "north"), ("primary", "student", "south")), "north"
    ),
    "both-at-primary-org": User(
        "teacher", ("north",), (("secondary", "student", "north"), ("primary", "teacher", "north")), "north"
    ),
    "two-at-primary-org": User(
        "guardian", ("north",), (("primary", "teacher", "north"), ("primary", "guardian", "north")), "north"
    ),
    "without-primary-org": User(
        "aide", ("north", "south"), (("primary", "teacher", "north"), ("primary", "aide", "south"))
    ),
    "without-primary-role": User("student", ("north",), (("secondary", "student", "north"),)),
    "primary-org-elsewhere": User("teacher", ("south", "north"), (("primary", "teacher", "north"),), "south"),
    "same-twice": User("student", ("north",), (("primary", "student", "north"), ("secondary", "student", "north"))),
    "same-at-two": User(
        "student", ("south", "north"), (("primary", "student", "south"), ("secondary", "student", "north")), "south"
    ),
    "partly-left": User(
        "student",
        ("north", "south"),
        (("secondary", "student", "south"),),
        "north",
        deleted=((("primary", "teacher", "north"),),),
    ),
    "left-at-once": User(
        "aide",
        ("north", "south"),
        deleted=((("primary", "aide", "north"), ("primary", "teacher", "south")),),
    ),
    "left-one-by-one": User(
        "student", ("south",), deleted=((("primary", "teacher", "north"),), (("primary", "student", "south"),))
    ),
    "librarian": User("aide", ("north",), (("primary", "ext:librarian", "north"),), "north"),
    "librarian-who-teaches": User(
        "aide", ("north",), (("primary", "ext:librarian", "north"), ("secondary", "teacher", "north")), "north"
    ),
    "counselor": User("aide", ("north",), (("primary", "counselor", "north"),)),
    "principal": User("administrator", ("north",), (("primary", "principal", "north"),)),
    "site": User("administrator", ("north",), (("primary", "siteAdministrator", "north"),)),
    "district": User("administrator", ("district",), (("primary", "districtAdministrator", "district"),)),
    "system": User("administrator", ("district",), (("primary", "systemAdministrator", "district"),)),
    "elsewhere": User("administrator", ("consortium",), (("primary", "ext:administrator", "consortium"),)),
    "site-who-teaches": User(
        "administrator", ("north",), (("primary", "siteAdministrator", "north"), ("primary", "teacher", "north"))
    ),
    "parent": User("parent", ("north",), (("primary", "parent", "north"),)),
    "relative": User("relative", ("north",), (("primary", "relative", "north"),)),
    "proctor": User("proctor", ("north",), (("primary", "proctor", "north"),)),
}


def fill_users(roster: Roster) -> None:
    """Add all that to a roster that has been published."""
    for org, type in (("district", "district"), ("north", "school"), ("south", "school"), ("consortium", "ext:c")):
        roster.insert("orgs", org, {"name": org, "type": type})
    _fill_words(roster)
    for id, user in USERS.items():
        values = {"enabledUser": True, "username": f"u-{id}", "givenName": "G", "familyName": "F"}
        more, metadata = (_MORE, {"jp.kanaGivenName": "ハナ"}) if id == "several" else ({}, None)
        roster.insert("users", id, {**values, **more, "primaryOrgSourcedId": user.primary_org}, metadata=metadata)
        for number, row in enumerate(user.roles):
            _insert_role(roster, f"{id}-{number}", id, row)
    _fill_deleted(roster)


_MORE = {
    "userIds": ["LDAP:uid:1"],
    "givenName": "Hana",
    "familyName": "Itō",
    "middleName": "M",
    "identifier": "9-1",
    "email": "hana@example.org",
    "sms": "1",
    "phone": "2",
    "agentSourcedIds": ["librarian"],
    "grades": ["09"],
    "userMasterIdentifier": "m",
    "resourceSourcedIds": ["r"],
    "preferredGivenName": "H",
    "pronouns": "they",
}


def _fill_words(roster: Roster) -> None:
    session = {"title": "T", "startDate": "2026-09-01", "endDate": "2027-01-01", "schoolYear": 2027}
    roster.insert("academicSessions", "trimester", session | {"type": "ext:trimester"})
    course = {"title": "C", "orgSourcedId": "north"}
    roster.insert("courses", "chess", course)
    club = {"title": "C", "courseSourcedId": "chess", "classType": "ext:club", "schoolSourcedId": "north"}
    roster.insert("classes", "club", club | {"termSourcedIds": ["term-1"]})
    at = {"classSourcedId": "club", "schoolSourcedId": "north", "userSourcedId": "librarian"}
    roster.insert("enrollments", "observed", at | {"role": "ext:observer"})
    for user, role in (("several", "teacher"), ("same-twice", "student")):
        roster.insert("enrollments", f"{user}-{role}", at | {"userSourcedId": user, "role": role})
    roster.insert("demographics", "several", {"sex": "unspecified"})


def _fill_deleted(roster: Roster) -> None:
    """Each row of `deleted` ended one publication later than that before it."""
    for number in range(max(len(user.deleted) for user in USERS.values())):
        if number:
            roster.publish()
        for id, user in USERS.items():
            for place, row in enumerate(user.deleted[number] if number < len(user.deleted) else ()):
                _insert_role(roster, f"{id}-deleted-{number}-{place}", id, row, status="tobedeleted")


def _insert_role(roster: Roster, id: str, user: str, row: Row, status: str = "active") -> None:
    role_type, role, org = row
    values = {"userSourcedId": user, "roleType": role_type, "role": role, "orgSourcedId": org}
    roster.insert("roles", id, values, status=status)
