"""Tombstones go after ninety days, unless something still needs them."""

from typing import Any

import psycopg
import pytest

from pipelines.roster import purging
from tests.pipelines.conftest import Publish, Rows
from tests.pipelines.district import District


@pytest.fixture
def age(rows: Rows) -> Any:
    """Let all publications so far be older by so many days."""
    return lambda days: rows("UPDATE publications SET moment = moment - make_interval(days => %s) RETURNING id", days)


def without_pupil2() -> District:
    return District().remove("users", "pupil2").remove("roles", "r3").remove("enrollments", "e3")


def test_an_old_tombstone_is_purged_with_its_rows(publish_district: Publish, rows: Rows, age: Any) -> None:
    publish_district(District())
    publish_district(without_pupil2())
    age(91)
    again = publish_district(without_pupil2())
    assert (again.outcome, again.generation) == ("published", 3)
    assert not rows("SELECT 1 FROM users WHERE sourced_id = 'pupil2'")
    assert not rows("SELECT 1 FROM roles WHERE sourced_id = 'r3'")
    assert not rows("SELECT 1 FROM enrollments WHERE sourced_id = 'e3'")
    assert publish_district(without_pupil2()).outcome == "unchanged"


def test_a_young_tombstone_stays(publish_district: Publish, rows: Rows, age: Any) -> None:
    publish_district(District())
    publish_district(without_pupil2())
    age(89)
    assert publish_district(without_pupil2()).outcome == "unchanged"
    assert rows("SELECT 1 FROM users WHERE sourced_id = 'pupil2'")


def test_a_tombstone_that_an_active_record_names_stays(publish_district: Publish, rows: Rows, age: Any) -> None:
    publish_district(District())
    delta = District().only("users").delta()
    delta.rows["users"] = [{**delta.row("users", "pupil2"), "status": "tobedeleted"}]
    publish_district(delta)  # the enrollment of pupil2 goes on naming the user
    age(91)
    publish_district(District().only("orgs").delta().change("orgs", "north", name="N"))
    assert rows("SELECT status FROM users WHERE sourced_id = 'pupil2'") == [{"status": "tobedeleted"}]


def test_roles_stay_as_long_as_their_user(publish_district: Publish, rows: Rows, age: Any) -> None:
    """A user needs a role to be shown, also as a tombstone."""
    publish_district(District())
    publish_district(District().change("roles", "r3", sourcedId="r3b"))
    age(91)
    publish_district(District().change("roles", "r3", sourcedId="r3b").change("orgs", "north", name="N"))
    assert rows("SELECT status FROM roles WHERE sourced_id = 'r3'") == [{"status": "tobedeleted"}]


def test_another_source_is_not_touched(publish_district: Publish, rows: Rows, age: Any, migrated_url: str) -> None:
    publish_district(District(), source="a")
    publish_district(without_pupil2(), source="a")
    age(91)
    with psycopg.connect(migrated_url) as connection:
        assert not purging.is_due(connection, "b")
        assert purging.purge(connection, "b") == {}
        assert purging.is_due(connection, "a")
