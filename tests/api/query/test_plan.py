"""What becomes of the names in a query, for whoever asks. Statements are in the golden table (test_table)."""

import pytest

from api.errors import ApiError
from api.query.cursors import Key, Order, read, written
from api.query.operands import OPERANDS
from api.query.paths import Path, resolve
from api.query.plan import Manners, Plan, plan
from api.query.request import ListQuery
from pipelines.oneroster.entity import Entity, Kind
from tests.api.query.table import LISTS, SAMPLES

USERS = LISTS["users"]


def path(name: str) -> Path:
    found = resolve(USERS.collection, name)
    assert found is not None
    return found


def test_a_key_wins_over_an_offset() -> None:
    assert plan(USERS, (), ListQuery(10, 20, "k")) == Plan(USERS, 10, after=Key("k"))
    assert plan(USERS, (), ListQuery(10, 20)) == Plan(USERS, 10, skip=20)


def test_ids_in_the_path_are_parameters() -> None:
    nested = LISTS["schools/classes/students"]
    assert plan(nested, ("a", "b"), ListQuery()).values == {"p0": "a", "p1": "b"}


def test_every_kind_has_operands() -> None:
    assert set(OPERANDS) == set(Kind)
    for kind, sample in SAMPLES.items():
        OPERANDS[kind](sample)


def rostering_is_closed(entity: Entity) -> bool:
    return entity.service != "rostering"


@pytest.mark.parametrize(
    ("collection", "query"),
    [
        ("results", ListQuery(filter="student.familyName='x'")),
        ("results", ListQuery(filter="score='1' OR lineItem.class.title='x'")),
        ("results", ListQuery(filter="student.roles.role='teacher'")),
        ("lineItems", ListQuery(filter="gradingPeriod.title='x'")),
        ("results", ListQuery(sort="student.familyName")),
    ],
)
def test_a_path_into_records_of_a_closed_scope_is_refused(collection: str, query: ListQuery) -> None:
    with pytest.raises(ApiError, match="scope") as raised:
        plan(LISTS[collection], (), query, Manners(opens=rostering_is_closed))
    assert raised.value.status == 403


@pytest.mark.parametrize(
    ("collection", "filter"),
    [
        ("results", "student='x'"),
        ("results", "student.sourcedId='x'"),
        ("results", "lineItem.class='x'"),
        ("lineItems", "gradingPeriod='x'"),
        ("lineItems", "academicSession.sourcedId='x'"),
    ],
)
def test_ids_that_records_show_need_no_other_scope(collection: str, filter: str) -> None:
    assert plan(LISTS[collection], (), ListQuery(filter=filter), Manners(opens=rostering_is_closed)).where


@pytest.mark.parametrize(
    ("query", "minor"),
    [
        (ListQuery(sort="nothing"), "invalid_sort_field"),
        (ListQuery(sort="grades"), "invalid_sort_field"),
        (ListQuery(fields=("nothing",)), "invalid_selection_field"),
        (ListQuery(fields=("familyName", "password")), "invalid_selection_field"),
    ],
)
def test_unknown_names_are_refused_where_that_is_wanted(query: ListQuery, minor: str) -> None:
    assert plan(USERS, (), query) == Plan(USERS, 100)
    with pytest.raises(ApiError) as raised:
        plan(USERS, (), query, Manners(refuse_unknown=True))
    assert (raised.value.status, raised.value.minor) == (400, minor)


@pytest.mark.parametrize(
    ("filter", "asks"),
    [("user.familyName='x'", False), ("beginDate>'2026-01-01'", False), ("class.dateLastModified>'2026-01-01'", True)],
)
def test_dates_of_change_are_known_from_others(filter: str, asks: bool) -> None:
    assert plan(LISTS["enrollments"], (), ListQuery(filter=filter)).asks_for_dates == asks


@pytest.mark.parametrize(
    ("name", "value"),
    [("familyName", "O'Neil 𠮷"), ("familyName", None), ("enabledUser", False), ("dateLastModified", 12)],
)
def test_a_place_survives_a_link(name: str, value: object) -> None:
    order = Order(path(name))
    key = Key("a/b 1", value)
    text = written(order, key)
    assert read(order, text) == key
    assert text.isascii()
    assert not set(text) & set("/+=&% ")


def test_in_the_default_order_a_place_is_the_id() -> None:
    assert written(None, Key("a/b 1")) == "a/b 1"
    assert read(None, "a/b 1") == Key("a/b 1")


def test_names_are_resolved_once() -> None:
    """Paths are keys of the caches of SQL, so the same name has to be the same path."""
    assert path("agents.familyName") is path("agents.familyName")
