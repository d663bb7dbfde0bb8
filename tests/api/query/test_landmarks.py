"""Known places in long lists: pages walked to from them are those counted from the beginning."""

import dataclasses
import random
from collections.abc import Iterator
from typing import Any

import pytest

from api.collections import BY_NAME, Endpoint
from api.database import Database
from api.query import landmarks
from api.query.cursors import Key
from api.query.landmarks import APART, Landmarks
from api.query.plan import Plan, plan
from api.query.reading import Reader
from api.query.recall import Recall
from api.query.request import ListQuery
from tests.api.conftest import settings_for
from tests.api.roster import SOURCE, Roster

ORGS = Endpoint(BY_NAME["orgs"])
IDS = [f"{number:02}" for number in range(40)]


def test_the_nearest_place_before_is_found() -> None:
    known = Landmarks()
    assert known.nearest(5 * APART) == (0, None)
    for number in (3, 1, 2):
        known.add(number * APART, Key(str(number)))
    assert known.nearest(APART - 1) == (0, None)
    assert known.nearest(APART) == (APART, Key("1"))
    assert known.nearest(3 * APART - 1) == (2 * APART, Key("2"))
    assert known.nearest(9 * APART) == (3 * APART, Key("3"))


@pytest.mark.parametrize("position", [1, APART - 1, 2 * APART - 1, 2 * APART, 2 * APART + 1, 3 * APART - 1])
def test_places_near_a_known_one_are_not_kept(position: int) -> None:
    known = Landmarks()
    known.add(2 * APART, Key("known"))
    known.add(position, Key("near"))
    assert known.nearest(9 * APART) == (2 * APART, Key("known"))
    assert known.nearest(2 * APART - 1) == (0, None)


@pytest.fixture
def read(roster: Roster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Asks one worker's memory for the ids of a page, each in a snapshot of its own."""
    monkeypatch.setattr(landmarks, "APART", 5)
    roster.publish()
    for number, id in enumerate(IDS):
        roster.insert("orgs", id, {"name": f"name {number % 7}", "type": "school" if number % 3 else "district"})
    database, recall = Database(settings_for(roster.url)), Recall()

    def ids(wanted: Plan, roots: tuple[str, ...] | None = None) -> list[str]:
        with database.snapshot() as cursor:
            return [row[0] for row in Reader(cursor, SOURCE, recall, roots).page(wanted).rows]

    yield ids
    database.close()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"filter": "type='school'"},
        {"sort": "name"},
        {"sort": "sourcedId", "descending": True},
        {"sort": "dateLastModified"},
        {"filter": "dateLastModified>'2020-01-01'"},
        {"filter": "name~'name'"},
    ],
    ids=str,
)
def test_offsets_in_any_order_give_the_pages_of_the_list(read: Any, query: dict[str, Any]) -> None:
    whole = plan(ORGS, (), ListQuery(100, 0, **query))
    expected = read(whole)
    offsets = list(range(len(expected) + 2)) * 2
    random.Random(1).shuffle(offsets)  # noqa: S311 - the same every time
    for offset in offsets:
        assert read(dataclasses.replace(whole, limit=3, skip=offset)) == expected[offset : offset + 3], offset


def test_a_place_is_used(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    walked = []
    shortened = Reader._shortened

    def noted(reader: Reader, wanted: Plan) -> Plan:
        walked.append(shortened(reader, wanted).skip)
        return shortened(reader, wanted)

    monkeypatch.setattr(Reader, "_shortened", noted)
    for offset in (20, 30, 20):
        assert read(plan(ORGS, (), ListQuery(3, offset))) == IDS[offset : offset + 3]
    assert walked == [20, 7, 20]


def test_a_new_publication_has_places_of_its_own(read: Any, roster: Roster) -> None:
    assert read(plan(ORGS, (), ListQuery(3, 20))) == ["20", "21", "22"]
    roster.publish()
    roster.insert("orgs", "05 a", {"name": "new", "type": "school"})
    assert read(plan(ORGS, (), ListQuery(3, 30))) == ["29", "30", "31"]


def test_a_client_with_another_view_has_places_of_its_own(read: Any) -> None:
    assert read(plan(ORGS, (), ListQuery(3, 20))) == ["20", "21", "22"]
    assert read(plan(ORGS, (), ListQuery(3, 0)), ("07", "31")) == ["07", "31"]
    assert read(plan(ORGS, (), ListQuery(3, 23)), ("07", "31")) == []
