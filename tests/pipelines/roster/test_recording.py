"""The change feed as it is stored: every record whose date a publication moved, once, with what was done to it."""

import psycopg
import pytest

from pipelines import contract
from pipelines.contract import ChangeKind
from pipelines.oneroster.registry import ENTITIES, owner_of
from pipelines.roster import recording
from tests.pipelines.conftest import Publish, Rows
from tests.pipelines.district import District

LISTED = [entity for entity in ENTITIES if owner_of(entity) is None]


def feed(rows: Rows, generation: int, source: str = "s") -> dict[str, str]:
    """What a generation did, by record; a record that is listed twice fails."""
    parts = rows("SELECT * FROM changes WHERE source = %s AND generation = %s ORDER BY part", source, generation)
    assert [part["part"] for part in parts] == list(range(1, len(parts) + 1))
    listed = [(f"{part['entity']}/{id}", part["kind"]) for part in parts for id in part["ids"]]
    assert len(dict(listed)) == len(listed)
    assert sum(part["records"] for part in parts) == len(listed)
    return dict(listed)


def moved(rows: Rows, generation: int, source: str = "s") -> set[str]:
    """The records that carry a generation's date."""
    query = (
        "SELECT sourced_id FROM {} WHERE publication_id = (SELECT id FROM publications WHERE source = %s"
        " AND generation = %s AND outcome = 'published')"
    )
    return {
        f"{entity.name}/{row['sourced_id']}"
        for entity in LISTED
        for row in rows(query.format(entity.table), source, generation)
    }


def test_a_first_publication_creates_every_record(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    found = feed(rows, 1)
    assert found.keys() == moved(rows, 1)
    assert set(found.values()) == {"created"}
    assert len(found) == sum(len(District().rows[entity.name]) for entity in LISTED)


def test_each_kind_of_change_is_told(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    publish_district(District().remove("enrollments", "e3").change("orgs", "north", name="N"))
    assert feed(rows, 2) == {"enrollments/e3": "deleted", "orgs/north": "changed"}
    publish_district(District().change("orgs", "north", name="N").add("categories", sourcedId="new", title="New"))
    assert feed(rows, 3) == {"enrollments/e3": "returned", "categories/new": "created"}


def test_an_embedded_row_is_a_change_of_its_owner(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    publish_district(District().change("roles", "r2", beginDate="2025-08-02").remove("userProfiles", "nobody"))
    assert feed(rows, 2) == {"users/pupil1": "changed"}


def test_what_is_not_shown_is_not_told(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    assert publish_district(District().change("classResources", "cr1", title="hidden")).outcome == "unchanged"
    assert rows("SELECT DISTINCT generation FROM changes") == [{"generation": 1}]


def test_line_items_that_name_their_session_otherwise_are_told(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    publish_district(District().change("academicSessions", "period", type="term"))
    assert feed(rows, 2) == {"academicSessions/period": "changed", "lineItems/quiz": "changed"}


def test_a_reference_that_resolves_is_told(publish_district: Publish, rows: Rows) -> None:
    publish_district(District().change("users", "pupil2", primaryOrgSourcedId="east"))
    publish_district(_east())
    assert feed(rows, 2) == {"orgs/east": "created", "users/pupil2": "changed"}


def _east() -> District:
    district = District().only("orgs").delta()
    district.rows["orgs"] = [{**district.row("orgs", "north"), "sourcedId": "east"}]
    return district


def test_a_purge_is_told(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    without = District().remove("enrollments", "e3")
    publish_district(without)
    rows("UPDATE publications SET moment = moment - make_interval(days => 91) RETURNING id")
    publish_district(without)
    assert feed(rows, 3) == {"enrollments/e3": "purged"}


def test_sources_have_feeds_of_their_own(publish_district: Publish, rows: Rows) -> None:
    publish_district(District(), source="a")
    publish_district(District(), source="b")
    assert feed(rows, 1, "a") == feed(rows, 1, "b")


def test_a_bundle_that_is_not_published_leaves_no_trace(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    before = rows("SELECT * FROM changes")
    empty = District().change("users", "pupil2", username="").change("enrollments", "e3", role="nonsense")
    assert publish_district(empty).outcome == "rejected"
    assert rows("SELECT * FROM changes") == before


def test_many_records_are_cut_into_rows(publish_district: Publish, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "CHANGES_IN_A_ROW", 2)
    publish_district(District())
    assert feed(rows, 1).keys() == moved(rows, 1)
    users = rows("SELECT ids FROM changes WHERE entity = 'users' ORDER BY part")
    assert [row["ids"] for row in users] == [["guardian", "pupil1"], ["pupil2", "teacher"]]


def test_rows_of_one_kind_list_ids_by_code_point(
    publish_district: Publish, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From row to row, whatever the order within one: whoever goes on after a record finds its row by that."""
    monkeypatch.setattr(contract, "CHANGES_IN_A_ROW", 2)
    ids = ["b", "Z", "a", "~", "é", "あ", "0", "B-", "B", "\U0001f600"]

    def categories(title: str, ids: list[str]) -> District:
        district = District()
        for id in ids:
            district.add("categories", sourcedId=id, title=title)
        return district

    for district in (categories("x", ids), categories("y", ids), categories("y", []), categories("y", ids)):
        publish_district(district)
    rows("UPDATE publications SET moment = moment - make_interval(days => 91) RETURNING id")
    publish_district(categories("y", []))
    rows("UPDATE publications SET moment = moment - make_interval(days => 91) RETURNING id")
    publish_district(categories("y", []).change("orgs", "north", name="N"))
    kinds = ["created", "changed", "deleted", "returned", "deleted", "purged"]
    for generation, kind in enumerate(kinds, 1):
        parts = rows(
            "SELECT ids FROM changes WHERE entity = 'categories' AND generation = %s AND kind = %s ORDER BY part",
            *(generation, kind),
        )
        assert [id for part in parts for id in sorted(part["ids"]) if id in ids] == sorted(ids), kind


def test_a_generation_goes_with_its_ledger_row(publish_district: Publish, rows: Rows, migrated_url: str) -> None:
    publish_district(District())
    publish_district(District().change("orgs", "north", name="N"))
    with psycopg.connect(migrated_url) as connection:
        connection.execute("DELETE FROM publications WHERE generation = 1")
    assert rows("SELECT DISTINCT generation FROM changes") == [{"generation": 2}]


# A story in which every way of moving a date has its turn: the feed tells of exactly what the dates tell of.
STORY: tuple[District, ...] = (
    District(),
    District().change("users", "pupil1", email="new@example.org").change("roles", "r2", beginDate="2025-08-02"),
    District().remove("enrollments", "e3").change("academicSessions", "period", type="term"),
    District().change("users", "pupil2", primaryOrgSourcedId="east"),
    _east(),
    District().remove("classResources", "cr1").remove("userProfiles", "x").change("users", "pupil2", grades="09"),
    District().add("categories", sourcedId="new", title="New").remove("resultScoreScales", "rs1"),
    District(),
)


def test_the_feed_tells_of_exactly_what_the_dates_tell_of(publish_district: Publish, rows: Rows) -> None:
    told = 0
    for district in STORY:
        publication = publish_district(district)
        assert publication.outcome == "published", publication.reasons
        found = feed(rows, publication.generation)
        there = {name for name, kind in found.items() if kind != ChangeKind.PURGED}
        assert there == moved(rows, publication.generation)
        told += len(found)
    assert told == sum(row["records"] for row in rows("SELECT records FROM changes"))


def test_recording_an_entity_that_no_change_set_names_is_a_change(
    publish_district: Publish, migrated_url: str, rows: Rows
) -> None:
    """As resolving does, of entities that the bundle lacks."""
    publish_district(District())
    with psycopg.connect(migrated_url) as connection:
        row = connection.execute("SELECT max(id) FROM publications").fetchone()
        assert row is not None
        recording.record(connection, "s", row[0], {}, {"orgs": ["gone"]})
        found = connection.execute("SELECT kind, ids FROM changes WHERE generation = 2 AND entity = 'orgs'").fetchall()
    assert sorted(found) == [("changed", ["district", "north", "south"]), ("purged", ["gone"])]
