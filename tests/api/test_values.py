"""How single values are written, by Kind: tables of what is stored and what is served."""

import datetime as dt
import re
from functools import partial

import pytest

from api.editions import V1P2
from api.rendering import values
from pipelines.oneroster.entity import Column, Kind
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.oneroster.vocabularies import OBJECTIVE_SOURCE
from tests.api import roster

BASE = "https://hub.example/sources/north"
URLS = partial(V1P2.url, BASE)


def org_ref(id: str, encoded: str) -> dict[str, str]:
    href = f"{BASE}/ims/oneroster/rostering/v1p2/orgs/{encoded}"
    return {"href": href, "sourcedId": id, "type": "org"}


CASES = [
    (Column("x", Kind.ID), "a", "a"),
    (Column("x", Kind.TEXT), 'あ "q"', 'あ "q"'),
    (Column("x", Kind.ENUM), "ext:a", "ext:a"),
    (Column("x", Kind.ENUM, vocabulary=OBJECTIVE_SOURCE), "ext:a", "/a"),
    (Column("x", Kind.BOOLEAN), True, "true"),
    (Column("x", Kind.BOOLEAN), False, "false"),
    (Column("x", Kind.DATE), dt.date(2026, 4, 1), "2026-04-01"),
    (Column("x", Kind.DATE, as_datetime=True), dt.date(2026, 4, 1), "2026-04-01T00:00:00.000Z"),
    (Column("x", Kind.DATETIME), "2026-04-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z"),
    (Column("x", Kind.YEAR), 2027, "2027"),
    (Column("x", Kind.INTEGER), 30, 30),
    (Column("x", Kind.FLOAT), 87.5, 87.5),
    (Column("x", Kind.WORDS), ["09", "10"], ["09", "10"]),
    (Column("x", Kind.ENUMS), ["aide"], ["aide"]),
    (
        Column("x", Kind.PAIRS, json_keys=("l", "r")),
        ["a:b:c", "d:", "e"],
        [{"l": "a", "r": "b:c"}, {"l": "d", "r": ""}, {"l": "e", "r": ""}],
    ),
    (Column("x", Kind.REF, to="orgs"), "a/b", org_ref("a/b", "a%2Fb")),
    (Column("x", Kind.REF, to="userProfiles", as_uri=True), "p 1", "urn:rosterhub:p%201"),
    (Column("x", Kind.REFS, to="orgs"), ["b", "a"], [org_ref("b", "b"), org_ref("a", "a")]),
]


@pytest.mark.parametrize(("column", "stored", "served"), CASES)
def test_a_value_is_served_as_the_standard_writes_it(column: Column, stored: object, served: object) -> None:
    convert = values.converter(column, URLS)
    assert (stored if convert is None else convert(stored)) == served


def test_a_secret_has_no_way_out() -> None:
    with pytest.raises(ValueError, match="never served"):
        values.converter(Column("password", Kind.SECRET), URLS)


@pytest.mark.parametrize("table", [values.CONVERTERS, roster.VALUES])
def test_every_kind_is_in_every_table(table: dict[Kind, object]) -> None:
    assert set(table) == set(Kind)
    assert {column.kind for column, _, _ in CASES} | {Kind.SECRET} == set(Kind)


@pytest.mark.parametrize(
    ("id", "served"),
    [
        ("2F0f7cb1-4b3f-4d3e-9a53-0d8a3c1f2b4e", "urn:uuid:2F0f7cb1-4b3f-4d3e-9a53-0d8a3c1f2b4e"),
        ("2f0f7cb14b3f4d3e9a530d8a3c1f2b4e", "urn:rosterhub:2f0f7cb14b3f4d3e9a530d8a3c1f2b4e"),
        ("山田/1@x", "urn:rosterhub:%E5%B1%B1%E7%94%B0%2F1%40x"),
    ],
)
def test_profile_ids_are_uris(id: str, served: str) -> None:
    assert values.uri(id) == served


@pytest.mark.parametrize(
    ("stored", "served"),
    [
        ("case", "case"),
        ("unknown", "unknown"),
        ("ext:State-Board.2", "/stateboard2"),
        ("ext:Case", "/extcase"),
        ("ext:---", "/ext"),
    ],
)
def test_objective_sources_have_the_official_form(stored: str, served: str) -> None:
    assert values.objective_source(stored) == served
    assert served in OBJECTIVE_SOURCE.terms or re.search("^/(?!case$)(?!unknown$)[a-z0-9]+$", served)


def test_references_are_made_unique_and_sorted() -> None:
    refer = values.reference(BY_NAME["orgs"], URLS)
    assert values.references(["b", "a", "b"], refer) == [org_ref("a", "a"), org_ref("b", "b")]


def test_a_reference_leads_to_the_targets_own_service() -> None:
    hrefs = {entity.name: values.reference(entity, partial(V1P2.url, ""))("1")["href"] for entity in ENTITIES}
    assert hrefs["resources"] == "/ims/oneroster/resources/v1p2/resources/1"
    assert hrefs["scoreScales"] == "/ims/oneroster/gradebook/v1p2/scoreScales/1"
    assert hrefs["academicSessions"] == "/ims/oneroster/rostering/v1p2/academicSessions/1"
