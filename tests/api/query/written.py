"""Queries that were thought of, not derived: awkward values, bad syntax, injections, odd places and orders."""

import base64
from typing import Any

import orjson

from api.collections import COLLECTIONS
from api.query.grammar import MOST_CLAUSES

Parameters = dict[str, str | list[str]]


def place(value: Any, id: str = "k") -> str:
    """`after` in another order than that of the ids."""
    return base64.urlsafe_b64encode(orjson.dumps([value, id])).decode().rstrip("=")


TEN_KB = "x" * 10_240

FILTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("users", (  # quotes, words of the grammar and other awkward things in values
        "familyName='O''Neil'", "familyName=''''", "familyName='''x'''", "familyName=''", "familyName=' x '",
        "familyName='A AND B'", "familyName=' OR '", "familyName='a'' AND ''b'", "familyName='x' AND givenName=' AND '",
        "familyName='a=b' OR familyName='a!=b' OR familyName='<>~'", 'familyName=\'"x"\'', "familyName='x\ny\t'",
        "familyName='山田'", "familyName='𠮷'", "familyName='é'", "familyName='e\u0301'", "familyName='\U0001f600'",
        "familyName='a&b;c#d?e/f'", f"familyName='{TEN_KB}'", f"familyName~'{TEN_KB}'",
        "familyName='a\0b'", "familyName~'\0'",
    )),
    ("users", (  # the grammar
        "familyName = 'x'", "  familyName='x'  ", "familyName\t>=\n'x'", "familyName='x'   AND\tgivenName='y'",
        "familyName='x' AND givenName='y' OR email='z' AND status='active'", "status='active' OR status='tobedeleted'",
        "familyName='x' OR givenName='y' OR email='z'", "familyName!='x' AND familyName!='y'",
        " OR ".join(f"sourcedId='{number}'" for number in range(MOST_CLAUSES)),
        " AND ".join(f"sourcedId!='{number}'" for number in range(MOST_CLAUSES)),
        " OR ".join(f"sourcedId='{number}'" for number in range(MOST_CLAUSES + 1)),
        " OR ".join(f"familyName='{'x' * 100}'" for _ in range(100)),
    )),
    ("users", (  # what is no filter
        "", " ", "familyName", "familyName=", "familyName='x", "familyName=x", 'familyName="x"', "familyName=‘x’",
        "familyName='it's'", "familyName='x' AND", "familyName='x' AND ", "familyName='x' and givenName='y'",
        "familyName='x'ANDgivenName='y'", "familyName='x' AND AND givenName='y'", "AND familyName='x'", "='x'",
        "(familyName='x')", "familyName='x' AND (givenName='y')", "NOT familyName='x'", "familyName=='x'",
        "familyName<>'x'", "familyName=~'x'", "familyName!'x'", "familyName LIKE 'x'", "familyName='x','y'",
        "familyName='x' XOR givenName='y'", "familyName='x'&givenName='y'", "'x'=familyName", "family Name='x'",
        "familyName\0='x'", "\0='x'", "familyName='x'\0",
    )),
    ("users", (  # names that lead nowhere
        "role='teacher'", "orgs.sourcedId='x'", "roles='x'", "roles.status='active'", "userIds='x'", "userIds.left='x'",
        "password='x'", "userProfiles.password='x'", "userProfiles.credentials.password='x'",
        "credentials.username='x'",
        "demographics='x'", "demographics.sex='female'", "sex='female'", "birthDate='2010-01-01'", "metadata='x'",
        "metadata.='x'", "metadata.\0='x'", "primaryOrg.href='x'", "agents.agents.agents.agents.agents.agents='x'",
        "sourced_id='x'", "family_name='x'", "familyname='x'", "FamilyName='x'", "preferredGivenName='x'", ".='x'",
        "familyName.x='x'", "primaryOrg..name='x'", "primaryOrg.='x'", "source='x'", "publication_id='1'",
        "dangling='x'",
        "roles.source='x'", "姓='x'", "ｆamilyName='x'", "t.sourced_id='x'", '"family_name"=\'x\'', "1='1'",
        "__class__='x'", "ways='x'", "*='x'", "{}='x'", "%(source)s='x'", "familyName;DROP='x'", "familyName--='x'",
        "familyName/**/='x'", "familyName)OR(1='1'", "familyName='x' OR 1=1", "familyName='x'; SELECT pg_sleep(9)",
        "familyName='x') OR ('1'='1'",
    )),
    ("users", (  # attempts at injection in values, all of which are values
        "familyName='''; DROP TABLE users; --'", "familyName='x'' OR ''1''=''1'", "familyName='%(source)s'",
        "familyName='%s'", "familyName='{}'", "familyName='$1'", "familyName='\\'", "familyName='\\x00'",
        "familyName~'\\'", "familyName~'%(v0)s'", "metadata.%(source)s='x'", "metadata.{0}='x'", "metadata.100%='x'",
        "metadata.$.x='y'", "metadata.a\"b='x'",
    )),
    ("users", (  # contains
        "familyName~'50%'", "familyName~'a_b'", "familyName~'a\\b'", "familyName~'%'", "familyName~''",
        "familyName~'a,b'",
        "familyName~'josé'", "familyName~'Öztürk'", "familyName~'öztürk'", "familyName~'straße'", "familyName~'山田'",
        "familyName~'O''N'", "enabledUser~'tr'", "dateLastModified~'2026-08'", "metadata.jp.kanaGivenName~'タ'",
        "agents~'x'", "userIds.identifier~'7'", "roles.userProfile~'7'",
    )),
    ("users", (  # lists
        "grades='09'", "grades='09,10'", "grades=' 10 , 09 '", "grades='09,'", "grades!='09'", "grades!='09,10'",
        "grades~'09,10'", "grades~'09'", "grades>'09'", "grades>='09,10'", "agents='a,b'", "agents='a'", "agents!='a'",
        "agents.sourcedId='a'", "agents.familyName='x'", "agents.agents.familyName='x'", "resources='x'",
        "resources!='x'",
        "resources~'x'", "resources.title='x'", "resources.roles='aide,parent'", "userIds.type='x'",
        "userIds.type!='x'",
        "userIds.identifier='a:b'", "userIds.identifier>'5'",
    )),
    ("users", (  # what is embedded
        "roles.role='teacher'", "roles.role!='teacher'", "roles.role='teacher' AND roles.org='x'",
        "roles.org.type='school'",
        "roles.org.parent.name='x'", "roles.beginDate>'2026-01-01'", "roles.org.metadata.a.b='x'",
        "roles.userProfile='urn:uuid:0b7a1f2e-6f8d-4a53-9c66-7e9d5f1c0a11'", "roles.userProfile='urn:rosterhub:a%20b'",
        "roles.userProfile='a b'", "roles.userProfile='urn:rosterhub:%00'",
        "userProfiles.profileId='urn:rosterhub:a%2Fb'",
        "userProfiles.profileId!='urn:rosterhub:%FF'", "userProfiles.credentials.username='x'",
    )),
    ("enrollments", (  # dates
        "beginDate='2026-04-01'", "beginDate>='2026-04-01T00:00:00Z'", "beginDate<'2026-04-01T09:00:00+09:00'",
        "beginDate<'2026-04-01T09:00:00 09:00'", "beginDate!='2026-04-01'", "beginDate=' 2026-04-01 '",
        "beginDate='2026-02-30'", "beginDate='01/04/2026'", "beginDate='2026'", "beginDate=''", "beginDate='today'",
        "beginDate='2026-04-01 OR 1=1'", "beginDate~'2026-04'", "beginDate~'x'",
        "dateLastModified>'2026-01-31'", "dateLastModified>='2026-08-01T04:05:06.000Z'",
        "dateLastModified>'2026-08-01T13:05:06+09:00'", "dateLastModified>'2026-08-01T13:05:06 09:00'",
        "dateLastModified<'2026-08-01T04:05:06.123456789Z'", "dateLastModified='2026-08-01 04:05:06'",
        "dateLastModified>'0001-01-01T00:00:00+14:00'", "dateLastModified<'9999-12-31T23:59:59-14:00'",
        "dateLastModified>'0001-01-01'", "dateLastModified<'9999-12-31'", "dateLastModified>'yesterday'",
        "dateLastModified>'2026-13-01T00:00:00Z'", "dateLastModified>'1785556800'",
        "user.dateLastModified>'2026-01-31'",
        "dateLastModified<'2026-08-01T00:00:00Z' AND dateLastModified>='2026-07-01T00:00:00Z'",
    )),
    ("enrollments", (  # booleans and references
        "primary='true'", "primary='false'", "primary!='true'", "primary>'false'", "primary='True'", "primary='1'",
        "primary=''", "class='x'", "class.sourcedId='x'", "class!='x'", "class>'x'", "class.title='x'",
        "class.title!='x'",
        "class.school.parent.parent.parent.name='x'", "class.school.parent.parent.parent.parent.name='x'",
        "class.terms='x'", "class.terms.parent.schoolYear>'2026'", "class.metadata.x.y='z'",
        "user.roles.role='teacher'",
        "user.password='x'", "user.demographics.sex='x'", "user.grades='09,10'", "user.resources='x'",
    )),
    ("categories", (  # numbers
        "weight='30'", "weight='30.0'", "weight>'-1'", "weight<'1e2'", "weight<'1E+999'", "weight='" + "9" * 300 + "'",
        "weight='" + "9" * 301 + "'", "weight=' 30'", "weight=''", "weight='NaN'", "weight='Infinity'", "weight='0x1F'",
        "weight='1_000'", "weight='１'", "weight='1;DROP'", "weight='9223372036854775808'", "weight~'3'", "weight~'%'",
    )),
    ("academicSessions", ("schoolYear='2027'", "schoolYear>='2026.5'", "schoolYear~'20'", "parent.type='term'")),
    ("results", (
        "score>='87.5'", "score!='87.5'", "late='true'", "scoreDate<='2026-04-01'", "student.familyName='x'",
        "lineItem.class.school.parent.name='x'", "lineItem.gradingPeriod='x'", "lineItem.academicSession.title='x'",
        "scoreScale='x'", "scoreScale.title='x'", "learningObjectiveSet.learningObjectiveResults.score>'1'",
        "learningObjectiveSet.learningObjectiveResults='x'", "learningObjectiveSet='x'",
    )),
    ("lineItems", (
        "dueDate='2026-04-01T00:00:00.000Z'", "dueDate>'2026-04-01'", "dueDate~'T00:00'", "gradingPeriod='x'",
        "academicSession='x'", "academicSession.sourcedId!='x'", "gradingPeriod.title~'Q'",
        "learningObjectiveSet.learningObjectiveIds='x'", "learningObjectiveSet.source='case'",
        "learningObjectiveSet.learningObjectiveIds.x='x'",
    )),
    ("demographics", ("sex='female'", "birthDate>'2010-01-01'", "asian!='true'", "user.familyName='x'")),
    ("students", ("roles.role='aide'", "status='active'")),
    ("assessmentResults", ("student='x'", "student.familyName='x'", "assessmentLineItem.class.title='x'")),
)  # fmt: skip

QUERIES: tuple[tuple[str, tuple[Parameters, ...]], ...] = (
    ("users", (  # sizes and places
        {}, {"limit": "1"}, {"limit": "10000000000"}, {"limit": "0"}, {"limit": "-1"}, {"limit": "1.5"},
        {"limit": "ten"},
        {"limit": ""}, {"limit": "٣"}, {"limit": " 1"}, {"limit": "1;DROP TABLE users"}, {"limit": "9" * 19},
        {"limit": ["1", "2"]}, {"offset": "0"}, {"offset": "7"}, {"offset": "2147483647"}, {"offset": "2147483648"},
        {"offset": "-1"}, {"offset": "1 OR 1=1"}, {"offset": ["1", "1"]}, {"after": "x"}, {"after": "x", "offset": "7"},
        {"after": "' OR '1'='1"}, {"after": ""}, {"after": "\0"}, {"after": ["a", "b"]}, {"unheard": "of"},
    )),
    ("users", (  # orders
        {"sort": "familyName"}, {"sort": "familyName", "orderBy": "asc"}, {"sort": "familyName", "orderBy": "desc"},
        {"orderBy": "desc"}, {"sort": "familyName", "orderBy": "DESC"}, {"sort": "familyName", "orderBy": "up"},
        {"sort": "familyName", "orderBy": "desc; DROP"}, {"sort": "familyName", "orderBy": ["asc", "desc"]},
        {"sort": ""}, {"sort": "nothing"}, {"sort": "familyName desc"}, {"sort": "familyName,givenName"},
        {"sort": "familyName; DROP TABLE users"}, {"sort": "1"}, {"sort": "t.sourced_id"}, {"sort": "password"},
        {"sort": "demographics.sex"}, {"sort": "roles.role"}, {"sort": "grades"}, {"sort": "userIds.type"},
        {"sort": "agents.familyName"}, {"sort": "resources"}, {"sort": "\0"}, {"sort": ["familyName", "givenName"]},
        {"sort": "sourcedId", "orderBy": "desc"}, {"sort": "status"}, {"sort": "primaryOrg.parent.name"},
        {"sort": "metadata.100%"}, {"sort": "metadata.%(source)s"}, {"sort": "primaryOrg.metadata.jp.x"},
        {"sort": "familyName", "offset": "7"}, {"sort": "dateLastModified", "offset": "7"},
        {"sort": "familyName", "filter": "familyName>'M' OR familyName='x'", "orderBy": "desc", "offset": "2"},
    )),
    ("users", (  # places in orders
        {"sort": "familyName", "after": place("Ek")}, {"sort": "familyName", "after": place("Ek"), "orderBy": "desc"},
        {"sort": "familyName", "after": place(None)}, {"sort": "familyName", "after": place(None), "orderBy": "desc"},
        {"sort": "sourcedId", "after": place("k")}, {"sort": "dateLastModified", "after": place(7)},
        {"sort": "enabledUser", "after": place(True)}, {"sort": "metadata.x", "after": place("a")},
        {"sort": "primaryOrg.name", "after": place("a"), "offset": "9"},
        {"sort": "nothing", "after": "plain"},
        {"sort": "familyName", "after": "plain"}, {"sort": "familyName", "after": "é"}, {"sort": "familyName",
        "after": ""},
        {"sort": "familyName", "after": place(7)}, {"sort": "familyName", "after": place("a\0")},
        {"sort": "familyName", "after": place("a", "k\0")}, {"sort": "familyName", "after": place([1])},
        {"sort": "dateLastModified", "after": place("7")}, {"sort": "dateLastModified", "after": place(True)},
        {"sort": "dateLastModified", "after": place(2**63)}, {"sort": "enabledUser", "after": place(1)},
        {"sort": "familyName", "after": base64.urlsafe_b64encode(b"{}").decode()},
        {"sort": "familyName", "after": base64.urlsafe_b64encode(b'["a"]').decode()},
        {"sort": "familyName", "after": base64.urlsafe_b64encode(b"7").decode()},
    )),
    ("academicSessions", (
        {"sort": "startDate", "after": place("2026-04-01")}, {"sort": "startDate", "after": place("yesterday")},
        {"sort": "startDate", "after": place(7)}, {"sort": "schoolYear", "after": place(2027), "orderBy": "desc"},
        {"sort": "schoolYear", "after": place("2027")},
    )),
    ("results", (
        {"sort": "score", "after": place(87.5)}, {"sort": "score", "after": place(87)}, {"sort": "score",
        "after": place("x")},
        {"sort": "lineItem.dueDate", "after": place("2026-04-01"), "orderBy": "desc"}, {"sort": "student.familyName"},
    )),
    ("lineItems", ({"sort": "gradingPeriod"}, {"sort": "academicSession.title"},
    {"sort": "academicSession.sourcedId"})),
    ("categories", ({"sort": "weight", "after": place(30)}, {"sort": "weight", "after": place(30.5)})),
    ("users", (  # fields
        {"fields": "familyName,roles"}, {"fields": "roles.role"}, {"fields": " familyName , roles"}, {"fields": ""},
        {"fields": "familyName,"}, {"fields": "familyName,,roles"}, {"fields": "nothing"},
        {"fields": "familyName,nothing"},
        {"fields": "password"}, {"fields": ["familyName", "roles"]}, {"fields": "*"}, {"fields": "family_name"},
        {"fields": "familyName; DROP TABLE users"}, {"fields": "\0"},
    )),
)  # fmt: skip

LIMITED: tuple[tuple[str, Parameters], ...] = (
    *((collection.name, {}) for collection in COLLECTIONS),
    ("users", {"filter": "familyName='x' OR status!='active'"}),
    ("users", {"filter": "agents.familyName='x'"}),
    ("users", {"filter": "primaryOrg.name!='x'"}),
    ("users", {"filter": "roles.org.name='x'"}),
    ("users", {"filter": "resources.title='x'"}),
    ("users", {"sort": "primaryOrg.name", "orderBy": "desc"}),
    ("enrollments", {"filter": "user.familyName~'x' AND class.school.parent.name='y'"}),
    ("enrollments", {"sort": "user.familyName", "after": place("a")}),
    ("results", {"filter": "lineItem.class.title='x' OR student.roles.org.identifier='y'"}),
)
