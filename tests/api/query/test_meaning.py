"""What filters find: tables by hand over a small roster, and what has to hold of any filter."""

import operator
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.collections import BY_NAME
from tests.api.conftest import Api
from tests.api.query.asking import ask, found, ids
from tests.api.query.names import names
from tests.api.query.people import USERS

# (filter of users, ids)
ABOUT_USERS = (
    # the values of texts
    ("familyName='O''Neil'", "u1"),
    ("familyName='o''neil'", "u2"),
    ("familyName!='O''Neil'", "u2 u3 u4 u5"),
    ("familyName='A AND B'", "u3"),
    ("familyName='A AND B' OR familyName=' OR '", "u3"),
    ("familyName='ZOË'", ""),
    # parts of them, in any case
    ("familyName~'O''NEIL'", "u1 u2"),
    ("familyName~' and '", "u3"),
    ("familyName~'%'", "u4"),
    ("familyName~'_'", "u4"),
    ("familyName~'\\'", "u4"),
    ("familyName~'50%_\\'", "u4"),
    ("familyName~''", "u1 u2 u3 u4 u5"),
    ("givenName~'öztürk'", "u4"),
    ("givenName~'ÖZTÜRK'", "u4"),
    ("givenName~'Öztürk'", "u4"),
    ("givenName~'JOSÉ'", "u3"),
    ("givenName~'é'", "u3"),
    ("email~'X.ORG'", "u1"),
    # order is that of code points
    ("familyName>'Z'", "u2 u5"),
    ("familyName>='Zoë'", "u2 u5"),
    ("familyName>'Zoë'", "u2"),
    ("familyName<'A'", "u4"),
    ("familyName<='A AND B'", "u3 u4"),
    ("identifier>='10'", "u1 u4 u5"),
    ("identifier>'2'", "u4"),
    # what is absent
    ("email!='ann@x.org'", "u2 u3 u4 u5"),
    ("email=''", ""),
    ("email>=''", "u1"),
    ("email~''", "u1"),
    ("middleName='x'", ""),
    ("middleName!='x'", "u1 u2 u3 u4 u5"),
    ("middleName!=''", "u1 u2 u3 u4 u5"),
    # AND before OR
    ("givenName='Ann' AND identifier='2' OR givenName='Bob'", "u2 u5"),
    ("givenName='Bob' OR givenName='Ann' AND identifier='2'", "u2 u5"),
    ("givenName='Ann' AND givenName='Bob'", ""),
    ("familyName='O''Neil' OR givenName='Bob' AND familyName='nobody'", "u1"),
    # any element of a list
    ("grades='09'", "u1 u2"),
    ("grades='10'", "u2"),
    ("grades!='09'", "u3 u4 u5"),
    ("grades!='10'", "u1 u3 u4 u5"),
    ("grades='10,09'", "u2"),
    ("grades='09,11'", ""),
    ("grades!='09,10'", "u1 u3 u4 u5"),
    ("grades~'1,9'", "u1 u2"),
    ("grades>'09'", "u2"),
    ("userIds.type='card'", "u2"),
    ("userIds.type!='card'", "u1 u3 u4 u5"),
    ("userIds.identifier='A:9'", "u2"),
    ("userIds.identifier='9'", ""),
    ("userIds.identifier='bare'", ""),
    ("userIds.type='bare' AND userIds.identifier=''", "u2"),
    ("userIds.type='sis' AND userIds.identifier='A:9'", "u2"),
    # references
    ("agents='u5'", "u1"),
    ("agents.sourcedId='u5'", "u1"),
    ("agents!='u5'", "u2 u3 u4 u5"),
    ("agents.familyName='Zoë'", "u1"),
    ("agents.familyName!='Zoë'", "u2 u3 u4 u5"),
    ("agents.roles.role='guardian'", "u1"),
    ("primaryOrg='n'", "u1"),
    ("primaryOrg.identifier='N1'", "u1"),
    ("primaryOrg.identifier!='N1'", "u2 u3 u4 u5"),
    ("primaryOrg.parent.name='District'", "u1 u4"),
    ("resources='b1'", "u1 u2"),
    ("resources!='b1'", "u3 u4 u5"),
    ("resources.title='Book'", "u1 u2"),
    ("resources.roles='teacher,student'", "u1 u2"),
    ("resources.status!='active'", "u3 u4 u5"),
    # what is embedded: as it is shown
    ("roles.role='student'", "u1 u2 u3"),
    ("roles.role='teacher'", "u2"),
    ("roles.role!='student'", "u4 u5"),
    ("roles.role='teacher' AND roles.org='n'", "u2"),
    ("roles.org.name='South'", "u2"),
    ("roles.userProfile='urn:rosterhub:p%201'", "u5"),
    ("roles.userProfile='p 1'", "u5"),
    ("userProfiles.profileId='urn:rosterhub:p%201'", "u5"),
    ("userProfiles.profileId~'urn:rosterhub:p%20'", "u5"),
    ("userProfiles.profileId~'P 1'", "u5"),
    ("userProfiles.credentials.username='zoe'", "u5"),
    # the rest
    ("status='tobedeleted'", "u4"),
    ("status!='active'", "u4"),
    ("enabledUser='false'", "u5"),
    ("enabledUser!='false'", "u1 u2 u3 u4"),
    ("enabledUser<'true'", "u5"),
    ("sourcedId>'u3'", "u4 u5"),
    ("metadata.jp.kana='タロウ'", "u3"),
    ("metadata.jp.kana!='タロウ'", "u1 u2 u4 u5"),
    ("metadata.jp='タロウ'", ""),
    ("dateLastModified>'2026-08-01'", "u1 u2 u3 u4 u5"),
    ("dateLastModified>'2026-08-02'", "u5"),
    ("dateLastModified>='2026-08-02'", "u4 u5"),
    ("dateLastModified='2026-08-02'", "u4"),
    ("dateLastModified!='2026-08-02T00:00:00Z'", "u1 u2 u3 u5"),
    ("dateLastModified<'2026-08-02T09:00:00+09:00'", "u1 u2 u3"),
    ("dateLastModified<='2026-08-02T09:00:00 09:00'", "u1 u2 u3 u4"),
    ("dateLastModified='2026-08-01T04:05:06.000Z'", "u1 u2 u3"),
    ("dateLastModified~'2026-08-02T'", "u4"),
    ("dateLastModified>'2027-01-01'", ""),
)

# (collection, filter, ids)
ABOUT_OTHERS = (
    ("enrollments", "beginDate='2026-04-01'", "e1"),
    ("enrollments", "beginDate!='2026-04-01'", "e2 e3"),
    ("enrollments", "beginDate>'2026-03-31T23:59:59Z'", "e1 e3"),
    ("enrollments", "beginDate<'2026-09-01'", "e1"),
    ("enrollments", "beginDate<'2026-09-01T09:00:01+09:00'", "e1 e3"),
    ("enrollments", "beginDate~'-09-'", "e3"),
    ("enrollments", "primary='true'", "e1"),
    ("enrollments", "primary!='true'", "e2 e3"),
    ("enrollments", "user.familyName~'neil' AND role='teacher'", "e2"),
    ("enrollments", "user.roles.role='teacher'", "e2"),
    ("enrollments", "user.metadata.jp.kana~'ロ'", "e3"),
    ("enrollments", "class.school.parent='d'", "e1 e2 e3"),
    ("enrollments", "class.terms='g'", "e3"),
    ("enrollments", "class.terms.parent.schoolYear='2026'", "e1 e2 e3"),
    ("enrollments", "class.terms.parent.schoolYear>'2026'", "e3"),
    ("academicSessions", "schoolYear>'2026'", "g t"),
    ("academicSessions", "schoolYear<='2026.5'", "y"),
    ("academicSessions", "parent.parent='y'", "g"),
    ("academicSessions", "schoolYear~'27'", "g t"),
    ("gradingPeriods", "parent.type='term'", "g"),
    ("gradingPeriods", "title='Spring'", ""),
    ("students", "roles.role='teacher'", "u2"),
    ("students", "givenName='Ann'", "u1"),
    ("classes", "title='maths'", "c2"),
    ("classes", "title~'MATHS'", "c1 c2"),
    ("classes", "terms='g,t'", ""),
    ("categories", "weight>'9'", "b"),
    ("categories", "weight>='9.0'", "a b"),
    ("categories", "weight!='9'", "b c"),
    ("categories", "weight<'1e1'", "a"),
    ("results", "score>'9'", "r2"),
    ("results", "score='7.50'", "r1"),
    ("results", "score!='10'", "r1 r3"),
    ("results", "late='false'", "r2"),
    ("results", "lineItem.gradingPeriod='g'", "r1 r2"),
    ("results", "lineItem.academicSession.title='Spring'", "r3"),
    ("results", "student.agents.familyName='Zoë'", "r1 r2 r3"),
    ("lineItems", "gradingPeriod='g'", "l1"),
    ("lineItems", "gradingPeriod='t'", ""),
    ("lineItems", "gradingPeriod!='g'", "l2"),
    ("lineItems", "academicSession.sourcedId='t'", "l2"),
    ("lineItems", "dueDate='2026-09-02T00:00:00.000Z'", "l1"),
    ("lineItems", "dueDate>'2026-09-02'", "l2"),
    ("lineItems", "dueDate~'03T00'", "l2"),
    ("resources", "roles='teacher,student'", "b1"),
    ("resources", "roles='teacher'", "b1"),
)


@pytest.mark.parametrize(("filter", "expected"), ABOUT_USERS)
def test_users(hub: Api, filter: str, expected: str) -> None:
    assert found(hub, "users", filter) == expected.split()


@pytest.mark.parametrize(("collection", "filter", "expected"), ABOUT_OTHERS)
def test_others(hub: Api, collection: str, filter: str, expected: str) -> None:
    assert found(hub, collection, filter) == expected.split()


def test_a_filter_may_come_as_clients_type_it(hub: Api) -> None:
    """Not encoded; a plus sign is a space, as in forms."""
    path = BY_NAME["users"].path
    for raw in ("givenName='Bob'", "givenName='Bob' AND status='active'", "givenName='Bob'+OR+sms='1'"):
        (user,) = hub.json(f"{path}?filter={raw}")["users"]
        assert user["sourcedId"] == "u2"


# Strategies of clauses: any name with any predicate, on values that are there and on others.
PREDICATES = st.sampled_from(("=", "!=", ">", ">=", "<", "<=", "~"))
TEXTS = st.sampled_from(("O'Neil", "o'neil", "Ann", "Zoë", "A", "u1", "n", "09", "09,10", "student", "Z", "%", "", "é"))


def _quoted(text: str) -> str:
    return text.replace("'", "''")


TYPED = ("enabledUser", "Modified", "Date")
CLAUSES = st.builds(
    lambda name, predicate, text: f"{name}{predicate}'{_quoted(text)}'",
    st.sampled_from([name for name in names(BY_NAME["users"]) if not name.endswith(TYPED)]),
    PREDICATES,
    TEXTS,
)
SHARED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@SHARED
@given(st.tuples(CLAUSES, CLAUSES, CLAUSES))
def test_and_is_an_intersection_and_or_a_union(hub: Api, clauses: tuple[str, str, str]) -> None:
    one, two, three = clauses
    sets = [set(found(hub, "users", clause)) for clause in clauses]
    assert set(found(hub, "users", f"{one} AND {two} AND {three}")) == sets[0] & sets[1] & sets[2]
    assert set(found(hub, "users", f"{one} OR {two} AND {three}")) == sets[0] | sets[1] & sets[2]
    assert set(found(hub, "users", f"{one} AND {two} OR {three}")) == sets[0] & sets[1] | sets[2]


@SHARED
@given(st.sampled_from(names(BY_NAME["users"])), TEXTS)
def test_unequal_is_all_that_is_not_equal(hub: Api, name: str, text: str) -> None:
    equal, unequal = (_answered(hub, f"{name}{predicate}'{_quoted(text)}'") for predicate in ("=", "!="))
    if equal is None or unequal is None:
        assert equal is unequal, "a value that cannot be compared cannot be compared either way"
    else:
        assert sorted(equal + unequal) == sorted(USERS)


def _answered(api: Api, filter: str) -> list[str] | None:
    """What a filter of users finds; None if it is refused."""
    response = api.get(f"{BY_NAME['users'].path}?{urlencode({'filter': filter})}")
    return ids(response) if response.status_code == 200 else None


COMPARING: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "~": lambda value, text: text.casefold() in value.casefold(),
}  # fmt: skip


@SHARED
@given(st.sampled_from(["givenName", "familyName", "email", "identifier", "middleName"]), PREDICATES, TEXTS)
def test_texts_compare_as_in_python(hub: Api, name: str, predicate: str, text: str) -> None:
    def meets(value: str | None) -> bool:
        return predicate == "!=" if value is None else COMPARING[predicate](value, text)

    expected = [id for id, user in USERS.items() if meets(user.get(name))]  # type: ignore[attr-defined]
    assert found(hub, "users", f"{name}{predicate}'{_quoted(text)}'") == expected


def test_whatever_a_record_shows_finds_it(hub: Api) -> None:
    """Every value of every record's JSON, under the name that clients read there."""
    for collection in (one for one in BY_NAME.values() if one.condition is None):
        for record in ask(hub, collection.name).get_json()[collection.entity.name]:
            for path, value in _leaves(record):
                text = f"'{_quoted(str(value))}'"
                predicates = ("=", ">=", "<=") if isinstance(value, float) else ("=", ">=", "<=", "~")
                everything = " AND ".join(path + predicate + text for predicate in predicates)
                assert record["sourcedId"] in found(hub, collection.name, everything), (path, value)
                assert record["sourcedId"] not in found(hub, collection.name, f"{path}!={text}"), (path, value)


def _leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """The values of a JSON object by their dotted names; of a reference, its id alone."""
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item, path)]
    if not isinstance(value, dict):
        return [(path, value)] if value != "" else []
    if "href" in value:
        return [(path, value["sourcedId"]), (f"{path}.sourcedId", value["sourcedId"])]
    return [leaf for name, item in value.items() for leaf in _leaves(item, f"{path}.{name}" if path else name)]
