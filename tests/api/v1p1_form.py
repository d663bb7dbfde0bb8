"""JSON Schemas of OneRoster 1.1, written from its tables: strict, and without a look at the declarations.

What is required and which words there are: OneRoster 1.1, REST/JSON binding; the client of test_v1p1_clients, generated
from 1.1's definition, demands the same.
"""

from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
DATE: Schema = {"type": "string", "format": "date"}
TRUTH: Schema = {"enum": ["true", "false"]}
TEXTS: Schema = {"type": "array", "items": TEXT, "minItems": 1}
ROLES = ["administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"]


def ref(type: str) -> Schema:
    href = {"type": "string", "format": "uri", "pattern": "/ims/oneroster/v1p1/[a-zA-Z]+/[^/]+$"}
    return closed({"href": href, "sourcedId": TEXT, "type": {"const": type}})


def refs(type: str) -> Schema:
    return {"type": "array", "items": ref(type), "minItems": 1, "uniqueItems": True}


def closed(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def record(required: dict[str, Schema], optional: dict[str, Schema]) -> Schema:
    base: dict[str, Schema] = {
        "sourcedId": TEXT,
        "status": {"enum": ["active", "tobedeleted"]},
        "dateLastModified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"},
    }
    return closed(base | required, {"metadata": {"type": "object"}} | optional)


RECORDS: dict[str, Schema] = {
    "academicSessions": record(
        {
            "title": TEXT,
            "startDate": DATE,
            "endDate": DATE,
            "type": {"enum": ["gradingPeriod", "semester", "schoolYear", "term"]},
            "schoolYear": {"type": "string", "pattern": "^[0-9]{4}$"},
        },
        {"parent": ref("academicSession")},
    ),
    "orgs": record(
        {
            "name": TEXT,
            "type": {"enum": ["department", "school", "district", "local", "state", "national"]},
            "identifier": TEXT,
        },
        {"parent": ref("org")},
    ),
    "courses": record(
        {"title": TEXT, "courseCode": TEXT, "org": ref("org")},
        {"schoolYear": ref("academicSession"), "grades": TEXTS, "subjects": TEXTS, "subjectCodes": TEXTS},
    ),
    "classes": record(
        {
            "title": TEXT,
            "classType": {"enum": ["homeroom", "scheduled"]},
            "course": ref("course"),
            "school": ref("org"),
            "terms": refs("academicSession"),
        },
        {
            "classCode": TEXT,
            "location": TEXT,
            "grades": TEXTS,
            "subjects": TEXTS,
            "subjectCodes": TEXTS,
            "periods": TEXTS,
        },
    ),
    "users": record(
        {
            "username": TEXT,
            "enabledUser": TRUTH,
            "givenName": TEXT,
            "familyName": TEXT,
            "role": {"enum": ROLES},
            "orgs": refs("org"),
        },
        {
            "userIds": {"type": "array", "items": closed({"type": TEXT, "identifier": TEXT}), "minItems": 1},
            "middleName": TEXT,
            "identifier": TEXT,
            "email": TEXT,
            "sms": TEXT,
            "phone": TEXT,
            "agents": refs("user"),
            "grades": TEXTS,
        },
    ),
    "demographics": record(
        {},
        {
            "birthDate": DATE,
            "sex": {"enum": ["male", "female"]},
            "americanIndianOrAlaskaNative": TRUTH,
            "asian": TRUTH,
            "blackOrAfricanAmerican": TRUTH,
            "nativeHawaiianOrOtherPacificIslander": TRUTH,
            "white": TRUTH,
            "demographicRaceTwoOrMoreRaces": TRUTH,
            "hispanicOrLatinoEthnicity": TRUTH,
            "countryOfBirthCode": TEXT,
            "stateOfBirthAbbreviation": TEXT,
            "cityOfBirth": TEXT,
            "publicSchoolResidenceStatus": TEXT,
        },
    ),
    "enrollments": record(
        {
            "user": ref("user"),
            "class": ref("class"),
            "school": ref("org"),
            "role": {"enum": ["administrator", "proctor", "student", "teacher"]},
        },
        {"primary": TRUTH, "beginDate": DATE, "endDate": DATE},
    ),
}

ERROR = closed(
    {
        "statusInfoSet": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1,
            "items": closed(
                {
                    "imsx_codeMajor": {"enum": ["failure"]},
                    "imsx_severity": {"enum": ["error"]},
                    "imsx_codeMinor": TEXT,
                    "imsx_description": {"type": "string", "minLength": 1},
                }
            ),
        }
    }
)


def collection(wrapper: str) -> Schema:
    """The body of a list."""
    return closed({wrapper: {"type": "array", "items": RECORDS[wrapper]}})


def single(wrapper: str, records: str) -> Schema:
    """The body of one record."""
    return closed({wrapper: RECORDS[records]})


def faults(schema: Schema, body: Any) -> list[str]:
    """What is wrong with a body; nothing if it is as it should be."""
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]
