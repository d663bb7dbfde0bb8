"""The totals that a publication writes down are what there is to be counted."""

from pipelines.oneroster.registry import ENTITIES, owner_of
from tests.pipelines.conftest import Publish, Rows
from tests.pipelines.district import District

LISTED = [entity for entity in ENTITIES if owner_of(entity) is None]


def told(rows: Rows, source: str = "s") -> dict[str, int]:
    """The totals that are told of the generation served."""
    query = "SELECT t.* FROM totals t JOIN sources USING (source, generation) WHERE source = %s"
    return {row["entity"]: row["records"] for row in rows(query, source)}


def counted(rows: Rows, source: str = "s") -> dict[str, int]:
    query = "SELECT count(*) AS records FROM {} WHERE source = %s"
    return {entity.name: rows(query.format(entity.table), source)[0]["records"] for entity in LISTED}


def test_a_first_publication_counts_every_entity(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    assert told(rows) == counted(rows)
    assert told(rows)["enrollments"] == len(District().rows["enrollments"])


def test_tombstones_count_until_they_are_purged(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    before = told(rows)
    without = District().remove("enrollments", "e3")
    publish_district(without)
    assert told(rows) == counted(rows) == before
    rows("UPDATE publications SET moment = moment - make_interval(days => 91) RETURNING id")
    publish_district(without)
    assert told(rows) == counted(rows) == before | {"enrollments": before["enrollments"] - 1}


def test_what_comes_is_counted(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    publish_district(District().add("categories", sourcedId="new", title="New"))
    assert told(rows) == counted(rows)


def test_a_generation_that_nobody_counted_is_made_up_for(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    rows("UPDATE totals SET generation = 0, records = 99 RETURNING source")
    publish_district(District().change("orgs", "north", name="N"))
    assert told(rows) == counted(rows)


def test_what_did_not_come_or_go_is_not_counted_again(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    rows("UPDATE totals SET records = 99 WHERE entity = 'users' RETURNING source")
    publish_district(District().change("users", "pupil1", givenName="Another"))
    assert told(rows)["users"] == 99


def test_sources_are_counted_apart(publish_district: Publish, rows: Rows) -> None:
    publish_district(District(), source="a")
    publish_district(District().remove("enrollments", "e3"), source="b")
    assert (told(rows, "a"), told(rows, "b")) == (counted(rows, "a"), counted(rows, "b"))
