"""The nine files of the rostering service (CSV binding 1.2, section 4), and what clients look up. Facts only."""

from pipelines.oneroster import vocabularies as v
from pipelines.oneroster.entity import (
    Column,
    Embedding,
    Entity,
    Kind,
    boolean,
    date,
    enum,
    pairs,
    ref,
    refs,
    secret,
    text,
    words,
    year,
)

ACADEMIC_SESSIONS = Entity(
    "academicSessions",
    "academicSession",
    "rostering",
    core=True,
    content=(
        text("title", required=True),
        enum("type", v.SESSION_TYPE, required=True),
        date("startDate", required=True),
        date("endDate", required=True),
        ref("parentSourcedId", "academicSessions"),
        year("schoolYear", required=True),
    ),
)

ORGS = Entity(
    "orgs",
    "org",
    "rostering",
    core=True,
    content=(
        text("name", required=True),
        enum("type", v.ORG_TYPE, required=True),
        text("identifier", json_always=True),
        ref("parentSourcedId", "orgs"),
    ),
)

COURSES = Entity(
    "courses",
    "course",
    "rostering",
    core=True,
    content=(
        ref("schoolYearSourcedId", "academicSessions"),
        text("title", required=True),
        text("courseCode", json_always=True),
        words("grades"),
        ref("orgSourcedId", "orgs", required=True),
        words("subjects"),
        words("subjectCodes"),
    ),
)

CLASSES = Entity(
    "classes",
    "class",
    "rostering",
    core=True,
    content=(
        text("title", required=True, lookup="many", searched=True),
        words("grades"),
        ref("courseSourcedId", "courses", required=True),
        text("classCode", lookup="many"),
        enum("classType", v.CLASS_TYPE, required=True),
        text("location"),
        ref("schoolSourcedId", "orgs", required=True),
        refs("termSourcedIds", "academicSessions", json="terms", required=True),
        words("subjects"),
        words("subjectCodes"),
        words("periods"),
    ),
)

USERS = Entity(
    "users",
    "user",
    "rostering",
    core=True,
    content=(
        boolean("enabledUser", required=True),
        text("username", required=True, lookup="few", searched=True),
        pairs("userIds", keys=("type", "identifier")),
        text("givenName", required=True, searched=True),
        text("familyName", required=True, lookup="many", searched=True),
        text("middleName"),
        text("identifier", lookup="few"),
        text("email", lookup="few", searched=True),
        text("sms"),
        text("phone"),
        refs("agentSourcedIds", "users", json="agents"),
        words("grades"),
        secret("password"),
        text("userMasterIdentifier", lookup="few"),
        refs("resourceSourcedIds", "resources", json="resources", missing_in=("1.2.1", "candidate")),
        text("preferredGivenName", json="preferredFirstName"),
        text("preferredMiddleName"),
        text("preferredFamilyName", json="preferredLastName"),
        ref("primaryOrgSourcedId", "orgs"),
        Column("pronouns", Kind.TEXT, json="pronouns", missing_in=("candidate",)),
    ),
)

USER_PROFILES = Entity(
    "userProfiles",
    "userProfile",
    "rostering",
    embedding=Embedding("userSourcedId", json="userProfiles", shape="objects", id_json="profileId"),
    content=(
        ref("userSourcedId", "users", required=True, json=""),
        text("profileType", required=True),
        text("vendorId", required=True),
        text("applicationId"),
        text("description"),
        text("credentialType", required=True, json="credentials.type"),
        text("username", required=True, json="credentials.username"),
        secret("password"),
    ),
)

ROLES = Entity(
    "roles",
    "role",
    "rostering",
    core=True,
    embedding=Embedding("userSourcedId", json="roles", shape="objects", always_some=True),
    content=(
        ref("userSourcedId", "users", required=True, json=""),
        enum("roleType", v.ROLE_TYPE, required=True),
        enum("role", v.ROLE, required=True, usual="student"),
        date("beginDate"),
        date("endDate"),
        ref("orgSourcedId", "orgs", required=True, lookup="many"),
        ref("userProfileSourcedId", "userProfiles", as_uri=True),
    ),
)

DEMOGRAPHICS = Entity(
    "demographics",
    "demographics",
    "rostering",
    id_to="users",
    content=(
        date("birthDate"),
        enum("sex", v.SEX),
        boolean("americanIndianOrAlaskaNative"),
        boolean("asian"),
        boolean("blackOrAfricanAmerican"),
        boolean("nativeHawaiianOrOtherPacificIslander"),
        boolean("white"),
        boolean("demographicRaceTwoOrMoreRaces"),
        boolean("hispanicOrLatinoEthnicity"),
        text("countryOfBirthCode"),
        text("stateOfBirthAbbreviation"),
        text("cityOfBirth"),
        text("publicSchoolResidenceStatus"),
    ),
)

ENROLLMENTS = Entity(
    "enrollments",
    "enrollment",
    "rostering",
    core=True,
    content=(
        ref("classSourcedId", "classes", required=True, lookup="few"),
        ref("schoolSourcedId", "orgs", required=True),
        ref("userSourcedId", "users", required=True, lookup="few"),
        enum("role", v.ENROLLMENT_ROLE, required=True, usual="student"),
        boolean("primary"),
        date("beginDate"),
        date("endDate"),
    ),
)
