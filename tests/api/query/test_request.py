"""Parameters as text → a ListQuery, or an error that names the parameter."""

import pytest

from api.errors import ApiError
from api.query.request import ListQuery, read_fields, read_list, refuse_broken


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({}, ListQuery(100, 0, None)),
        ({"limit": ["1"], "offset": ["0"]}, ListQuery(1, 0, None)),
        ({"limit": ["5000000000"], "offset": ["2147483647"]}, ListQuery(5_000_000_000, 2_147_483_647, None)),
        ({"after": ["a b"], "limit": ["007"]}, ListQuery(7, 0, "a b")),
        ({"filter": ["a='b'"]}, ListQuery(filter="a='b'")),
        ({"sort": ["a"], "orderBy": ["desc"]}, ListQuery(sort="a", descending=True)),
        ({"sort": ["a"], "orderBy": ["asc"]}, ListQuery(sort="a")),
        ({"fields": ["a, b,a"]}, ListQuery(fields=("a", "b"))),
        ({"fields": ["a,b", "c"]}, ListQuery(fields=("a", "b", "c"))),
        ({"unheard": ["of", "it"]}, ListQuery()),
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
        ({"filter": ["a='b'", "a='b'"]}, "invaliddata", "filter"),
        ({"sort": ["a\0"]}, "invaliddata", "sort"),
        ({"sort": ["a", "b"]}, "invaliddata", "sort"),
        ({"orderBy": ["ASC"]}, "invaliddata", "orderBy"),
        ({"orderBy": [""]}, "invaliddata", "orderBy"),
        ({"fields": [""]}, "invalid_selection_field", "fields"),
        ({"fields": ["a,,b"]}, "invalid_selection_field", "fields"),
        ({"fields": ["a", " "]}, "invalid_selection_field", "fields"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(parameters: dict[str, list[str]], minor: str, named: str) -> None:
    with pytest.raises(ApiError, match=named) as raised:
        read_list(parameters)
    assert (raised.value.status, raised.value.minor) == (400, minor)


def test_records_take_fields_alone() -> None:
    assert read_fields({"limit": ["0"], "filter": ["?"]}) is None
    assert read_fields({"fields": ["name"]}) == ("name",)


def test_links_repeat_what_is_the_same_for_every_page() -> None:
    query = ListQuery(5, 10, "k", "a='b'", "name", descending=True, fields=("name", "type"))
    assert query.given == {"sort": "name", "orderBy": "desc", "filter": "a='b'", "fields": "name,type"}
    assert ListQuery(5, 10, "k", descending=True).given == {}


@pytest.mark.parametrize("raw", [b"a=%FF", b"a=\xe9", b"%C3%28", b"a=%ED%A0%80"])
def test_what_is_not_utf_8_is_refused(raw: bytes) -> None:
    with pytest.raises(ApiError, match="UTF-8"):
        refuse_broken(raw)


def test_what_is_utf_8_passes_encoded_or_not() -> None:
    refuse_broken("a=山田&b=%E5%B1%B1%00&%".encode())
