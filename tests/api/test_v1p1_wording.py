"""Terms of 1.2 in words of 1.1: a word finds just those terms for which it is said."""

import psycopg
import pytest
from psycopg.sql import SQL, Literal, Placeholder

from api.editions import V1P1
from api.query.wording import means, said
from pipelines.oneroster.entity import Column
from pipelines.oneroster.v1p1 import WORDINGS
from pipelines.oneroster.vocabularies import ROLE, Vocabulary

CASES = {
    ("users", "role"): {
        "student": "student",
        "principal": "administrator",
        "siteAdministrator": "administrator",
        "districtAdministrator": "administrator",
        "systemAdministrator": "administrator",
        "ext:administrator": "administrator",
        "counselor": "aide",
        "ext:x": "aide",
    },
    ("demographics", "sex"): {"male": "male", "female": "female", "other": None, "unspecified": None, "ext:x": None},
    ("enrollments", "role"): {"teacher": "teacher", "proctor": "proctor", "ext:x": "proctor"},
    ("orgs", "type"): {"school": "school", "local": "local", "ext:x": "local"},
    ("academicSessions", "type"): {"term": "term", "ext:x": "semester"},
    ("classes", "classType"): {"homeroom": "homeroom", "ext:x": "scheduled"},
}


def column(key: tuple[str, str]) -> Column:
    entity, name = key
    return V1P1.entities[entity].column(name)


def terms(key: tuple[str, str]) -> tuple[str, ...]:
    vocabulary = column(key).vocabulary
    assert isinstance(vocabulary, Vocabulary)
    return vocabulary.terms


@pytest.mark.parametrize("key", WORDINGS, ids="-".join)
def test_what_is_said(database_url: str, key: tuple[str, str]) -> None:
    with psycopg.connect(database_url) as connection:
        statement = SQL("SELECT stored, {} FROM unnest(%(stored)s::text[]) AS s (stored)")
        statement = statement.format(said(SQL("stored"), terms(key), WORDINGS[key]))
        answered = connection.execute(statement, {"stored": list(CASES[key])}).fetchall()
    assert dict(answered) == CASES[key]


@pytest.mark.parametrize("key", WORDINGS, ids="-".join)
@pytest.mark.parametrize("as_parameter", [True, False])
def test_a_word_means_what_it_is_said_for(database_url: str, key: tuple[str, str], as_parameter: bool) -> None:
    stored = [*ROLE.terms, *terms(key), *CASES[key], "ext:", ""]
    with psycopg.connect(database_url) as connection:
        for word in (*terms(key), *stored, "nothing"):
            given = Placeholder("word") if as_parameter else Literal(word)
            statement = SQL("SELECT stored, {} = {}, {} FROM unnest(%(stored)s::text[]) AS s (stored)").format(
                said(SQL("stored"), terms(key), WORDINGS[key]),
                given,
                means(given, SQL("stored"), terms(key), WORDINGS[key]),
            )
            for term, is_said, is_meant in connection.execute(statement, {"stored": stored, "word": word}):
                assert bool(is_said) == bool(is_meant), (term, word)
