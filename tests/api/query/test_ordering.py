"""Orders: by hand over the small roster, and paged through in every way that clients page."""

import re

import pytest

from api.collections import BY_NAME
from tests.api.conftest import Api
from tests.api.query.asking import ask, ids

# (collection, sort, ids with a value upwards, ids without one)
ORDERS = (
    ("users", "familyName", "u4 u3 u1 u5 u2", ""),
    ("users", "givenName", "u1 u5 u2 u3 u4", ""),
    ("users", "email", "u1", "u2 u3 u4 u5"),
    ("users", "identifier", "u1 u5 u4", "u2 u3"),
    ("users", "middleName", "", "u1 u2 u3 u4 u5"),
    ("users", "enabledUser", "u5 u1 u2 u3 u4", ""),
    ("users", "sourcedId", "u1 u2 u3 u4 u5", ""),
    ("users", "status", "u1 u2 u3 u5 u4", ""),
    ("users", "dateLastModified", "u1 u2 u3 u4 u5", ""),
    ("users", "primaryOrg", "u1 u4", "u2 u3 u5"),
    ("users", "primaryOrg.name", "u1 u4", "u2 u3 u5"),
    ("users", "primaryOrg.identifier", "u1", "u2 u3 u4 u5"),
    ("users", "primaryOrg.dateLastModified", "u1 u4", "u2 u3 u5"),
    ("users", "metadata.jp.kana", "u3", "u1 u2 u4 u5"),
    ("users", "primaryOrg.metadata.x", "", "u1 u2 u3 u4 u5"),
    ("students", "familyName", "u3 u1 u2", ""),
    ("enrollments", "beginDate", "e1 e3", "e2"),
    ("enrollments", "user.familyName", "e3 e1 e2", ""),
    ("enrollments", "class.school.name", "e1 e2 e3", ""),
    ("enrollments", "primary", "e1", "e2 e3"),
    ("academicSessions", "schoolYear", "y g t", ""),
    ("academicSessions", "parent.parent", "g", "t y"),
    ("categories", "weight", "a b", "c"),
    ("results", "score", "r1 r2", "r3"),
    ("results", "late", "r2 r1", "r3"),
    ("results", "lineItem.dueDate", "r1 r2 r3", ""),
    ("lineItems", "gradingPeriod", "l1", "l2"),
    ("lineItems", "academicSession.title", "l2", "l1"),
)
UNKNOWN = ("nothing", "roles.role", "grades", "userIds.type", "agents", "resources", "password", "familyName desc", "")


def expected(valued: str, blank: str, way: str) -> list[str]:
    """Downwards both parts are turned round; those without a value stay at the end."""
    parts = valued.split(), blank.split()
    return [id for part in parts for id in (part if way == "asc" else reversed(part))]


def by_links(api: Api, collection: str, **parameters: str | int) -> list[str]:
    """The whole collection, from link to link."""
    met: list[str] = []
    response = ask(api, collection, **parameters)
    while True:
        met += ids(response)
        following = re.search(r'<https://hub\.example([^>]*)>; rel="next"', response.headers["Link"])
        if following is None:
            return met
        response = api.get(following[1])
        assert response.status_code == 200, response.text


def by_offsets(api: Api, collection: str, **parameters: str | int) -> list[str]:
    """The whole collection, counted until the total is reached."""
    met: list[str] = []
    total = 1
    while len(met) < total:
        response = ask(api, collection, offset=len(met), **parameters)
        total = int(response.headers["X-Total-Count"])
        met += ids(response)
    return met


@pytest.mark.parametrize("way", ["asc", "desc"])
@pytest.mark.parametrize(("collection", "sort", "valued", "blank"), ORDERS)
def test_an_order_is_the_same_however_it_is_paged(
    hub: Api, collection: str, sort: str, valued: str, blank: str, way: str
) -> None:
    order = expected(valued, blank, way)
    assert ids(ask(hub, collection, sort=sort, orderBy=way)) == order
    for limit in (1, 2, 3):
        assert by_links(hub, collection, sort=sort, orderBy=way, limit=limit) == order
        assert by_offsets(hub, collection, sort=sort, orderBy=way, limit=limit) == order


def test_upwards_is_the_way_if_none_is_named(hub: Api) -> None:
    assert ids(ask(hub, "users", sort="familyName")) == ["u4", "u3", "u1", "u5", "u2"]


@pytest.mark.parametrize("sort", UNKNOWN)
def test_what_cannot_be_sorted_by_leaves_the_default_order(hub: Api, sort: str) -> None:
    assert ids(ask(hub, "users", sort=sort, orderBy="desc")) == ["u1", "u2", "u3", "u4", "u5"]
    assert by_links(hub, "users", sort=sort, orderBy="desc", limit=2) == ["u1", "u2", "u3", "u4", "u5"]


def test_a_filter_and_an_order_together(hub: Api) -> None:
    wanted = {"filter": "familyName~'neil' OR identifier='2'", "sort": "identifier", "orderBy": "desc"}
    for limit in (1, 2, 3):
        assert by_links(hub, "users", limit=limit, **wanted) == ["u5", "u1", "u2"]
        assert by_offsets(hub, "users", limit=limit, **wanted) == ["u5", "u1", "u2"]


@pytest.mark.parametrize(("sort", "order"), [("sourcedId", "u5 u4 u1"), ("email", "u1 u5 u4"), ("", "u1 u4 u5")])
def test_records_of_a_date_are_paged_like_others(hub: Api, sort: str, order: str) -> None:
    """They are few, so all of them are looked at first (reading.py)."""
    wanted = {"filter": "dateLastModified>='2026-08-02' OR identifier='10'", "sort": sort, "orderBy": "desc"}
    for limit in (1, 2, 3):
        assert by_links(hub, "users", limit=limit, **wanted) == order.split()
        assert by_offsets(hub, "users", limit=limit, **wanted) == order.split()


@pytest.mark.parametrize("few", [0, 1, 2, 5_000])
@pytest.mark.parametrize(("sort", "order"), [("sourcedId", "u2 u1"), ("email", "u1 u2"), ("", "u1 u2")])
def test_what_a_search_finds_is_paged_like_others(
    hub: Api, monkeypatch: pytest.MonkeyPatch, sort: str, order: str, few: int
) -> None:
    """Whether the page is found by the ids that were found for the total or not (reading.py)."""
    monkeypatch.setattr("api.query.reading.FEW", few)
    wanted = {"filter": "familyName~'neil'", "sort": sort, "orderBy": "desc"}
    for limit in (1, 2, 3):
        assert by_links(hub, "users", limit=limit, **wanted) == order.split()
        assert by_offsets(hub, "users", limit=limit, **wanted) == order.split()


def test_a_place_holds_where_its_record_is_gone_or_changed(hub: Api) -> None:
    """A link carries the value as well: what comes after it is known without the record."""
    response = ask(hub, "users", sort="familyName", limit=2, filter="status='active'")
    following = re.search(r"after=([^>&]*)>", response.headers["Link"])
    assert following is not None
    assert ids(ask(hub, "users", sort="familyName", after=following[1], filter="familyName!='A AND B'"))[0] == "u5"


def test_offsets_past_the_end_are_empty(hub: Api) -> None:
    for sort in ("familyName", "email", "middleName", "sourcedId"):
        for offset in (5, 6, 2_147_483_647):
            response = ask(hub, "users", sort=sort, offset=offset)
            assert ids(response) == []
            assert response.headers["X-Total-Count"] == "5"


def test_every_collection_has_an_order(hub: Api) -> None:
    for name in BY_NAME:
        up, down = (ids(ask(hub, name, sort="sourcedId", orderBy=way)) for way in ("asc", "desc"))
        assert up == down[::-1] == ids(ask(hub, name))
