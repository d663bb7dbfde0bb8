"""From parameters to plans and links, without a request or a database."""

from typing import Any

import pytest

from api.collections import COLLECTIONS
from api.errors import ApiError
from api.paging import links
from api.query import sql
from api.query.plan import Plan, plan
from api.query.request import ListQuery, read_list

USERS = next(collection for collection in COLLECTIONS if collection.name == "users")


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({}, ListQuery(100, 0, None)),
        ({"limit": ["1"], "offset": ["0"]}, ListQuery(1, 0, None)),
        ({"limit": ["5000000000"], "offset": ["2147483647"]}, ListQuery(5_000_000_000, 2_147_483_647, None)),
        ({"after": ["a b"], "limit": ["007"]}, ListQuery(7, 0, "a b")),
        ({"unheard": ["of"]}, ListQuery()),
    ],
)
def test_parameters_are_read(parameters: dict[str, list[str]], query: ListQuery) -> None:
    assert read_list(parameters) == query


@pytest.mark.parametrize(
    ("parameters", "minor", "named"),
    [
        ({"limit": ["0"]}, "invaliddata", "limit"),
        ({"limit": ["-1"]}, "invaliddata", "limit"),
        ({"limit": ["1.5"]}, "invaliddata", "limit"),
        ({"limit": [""]}, "invaliddata", "limit"),
        ({"limit": ["٣"]}, "invaliddata", "limit"),
        ({"limit": ["9" * 5000]}, "invaliddata", "limit"),
        ({"limit": ["1", "2"]}, "invaliddata", "limit"),
        ({"offset": ["-1"]}, "invaliddata", "offset"),
        ({"offset": ["2147483648"]}, "invaliddata", "offset"),
        ({"after": ["a\0"]}, "invaliddata", "after"),
        ({"filter": ["status='active'"]}, "invalid_filter_field", "filter"),
        ({"sort": ["title"]}, "invaliddata", "sort"),
        ({"orderBy": ["asc"]}, "invaliddata", "orderBy"),
        ({"fields": ["title"]}, "invalid_selection_field", "fields"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(parameters: dict[str, list[str]], minor: str, named: str) -> None:
    with pytest.raises(ApiError, match=named) as raised:
        read_list(parameters)
    assert (raised.value.status, raised.value.minor) == (400, minor)


def test_a_key_wins_over_an_offset() -> None:
    assert plan(USERS, ListQuery(10, 20, "k")) == Plan(USERS, 10, after="k")
    assert plan(USERS, ListQuery(10, 20)) == Plan(USERS, 10, skip=20)


@pytest.mark.parametrize(
    ("query", "total", "last_key", "expected"),
    [
        # the standard's own example: 503 records, the second page of ten
        (
            ListQuery(10, 10),
            503,
            "k 1",
            {
                "first": "limit=10&offset=0",
                "prev": "limit=10&offset=0",
                "next": "limit=10&offset=20&after=k+1",
                "last": "limit=3&offset=500",
            },
        ),
        (ListQuery(10, 0), 20, "a/b", {"next": "limit=10&offset=10&after=a%2Fb", "last": "limit=10&offset=10"}),
        (ListQuery(10, 5), 15, None, {"prev": "limit=10&offset=0", "last": "limit=5&offset=10"}),
        (ListQuery(10, 0), 0, None, {"last": "limit=10&offset=0"}),
    ],
)
def test_links(query: ListQuery, total: int, last_key: str | None, expected: dict[str, str]) -> None:
    first = {"first": f"limit={query.limit}&offset=0"}
    header = links("https://x/users", query, total, last_key)
    parts = (part.split("; ") for part in header.split(", "))
    found = {rel[5:-1]: target[1:-1].removeprefix("https://x/users?") for target, rel in parts}
    assert found == first | expected


@pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda collection: collection.name)
def test_statements_hold_no_value_of_a_request(collection: Any) -> None:
    for after, skip in ((None, 0), ("KEY", 0), (None, 12345)):
        wanted = Plan(collection, 54321, after=after, skip=skip)
        for statement in (sql.page(wanted), sql.edge(wanted)):
            assert not any(value in statement for value in (b"KEY", b"12345", b"54321"))
