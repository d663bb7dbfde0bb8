"""What publishing does to the store, story by story, on a real PostgreSQL (rulings, "What a publication does")."""

import pytest

from pipelines.errors import Refused
from pipelines.findings import Severity, finding
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import ENTITIES
from pipelines.roster.guard import Thresholds
from tests.pipelines.conftest import Publish, Rows
from tests.pipelines.district import ROWS, District

DATE = "SELECT p.generation FROM {} r JOIN publications p ON p.id = r.publication_id WHERE r.sourced_id = %s"


def generation(rows: Rows, table: str, sourced_id: str) -> int:
    """The generation that a record's date belongs to."""
    return rows(DATE.format(table), sourced_id)[0]["generation"]


def status(rows: Rows, table: str, sourced_id: str) -> str:
    return rows(f"SELECT status FROM {table} WHERE sourced_id = %s", sourced_id)[0]["status"]


def test_a_first_bundle_inserts_every_row(publish_district: Publish, rows: Rows) -> None:
    published = publish_district(District())
    assert published.outcome == "published"
    assert published.generation == 1
    assert not published.findings
    for entity in ENTITIES:
        assert published.entities[entity.name].inserted == len(ROWS[entity.name])
        assert rows(f"SELECT count(*) AS n FROM {entity.table}")[0]["n"] == len(ROWS[entity.name])


def test_values_arrive_as_they_were_sent(publish_district: Publish, rows: Rows) -> None:
    publish_district(District().change("users", "pupil2", familyName='𠮷"葛󠄀\\, x'))
    user = rows("SELECT * FROM users WHERE sourced_id = 'teacher'")[0]
    assert user["user_ids"] == ["staff:7", "mail:ada@x"]
    assert user["enabled_user"] is True
    assert rows("SELECT family_name FROM users WHERE sourced_id = 'pupil2'")[0]["family_name"] == '𠮷"葛󠄀\\, x'
    line_item = rows("SELECT * FROM line_items")[0]
    assert (line_item["result_value_max"], str(line_item["due_date"])) == (10.5, "2025-09-02")
    assert rows("SELECT roles FROM resources")[0]["roles"] == ["student", "teacher"]


def test_the_same_bundle_again_is_unchanged_and_writes_no_row(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    before = rows("SELECT xmin::text, ctid::text FROM users ORDER BY sourced_id")
    again = publish_district(District())
    assert (again.outcome, again.generation) == ("unchanged", 1)
    assert rows("SELECT xmin::text, ctid::text FROM users ORDER BY sourced_id") == before
    assert [row["outcome"] for row in rows("SELECT outcome FROM publications ORDER BY id")] == [
        "published",
        "unchanged",
    ]


def test_other_bytes_with_the_same_content_are_unchanged_too(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    reordered = District()
    for file in reordered.rows:
        reordered.rows[file].reverse()
    again = publish_district(reordered)
    assert again.outcome == "unchanged"
    assert all(change.changed == change.inserted == change.gone == 0 for change in again.entities.values())


def test_one_changed_cell_changes_one_record_and_its_date(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    second = publish_district(District().change("users", "pupil1", email="new@example.org"))
    assert second.generation == 2
    assert second.entities["users"].changed == 1
    assert second.entities["users"].unchanged == 3
    assert generation(rows, "users", "pupil1") == 2
    assert generation(rows, "users", "pupil2") == 1


def test_a_changed_role_moves_its_user(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    second = publish_district(District().change("roles", "r2", orgSourcedId="south"))
    assert second.entities["roles"].changed == 1
    assert generation(rows, "users", "pupil1") == 2
    assert generation(rows, "users", "pupil2") == 1


@pytest.mark.parametrize(
    ("file", "sourced_id", "owner_table", "owner"),
    [
        ("userProfiles", ROWS["userProfiles"][0]["sourcedId"], "users", "teacher"),
        ("userResources", "ur1", "users", "pupil1"),
        ("classResources", "cr1", "classes", "class1"),
        ("courseResources", "co1", "courses", "maths"),
        ("lineItemScoreScales", "ls1", "line_items", "quiz"),
        ("resultScoreScales", "rs1", "results", "res1"),
        ("lineItemLearningObjectiveIds", "lo1", "line_items", "quiz"),
        ("resultLearningObjectiveIds", "ro1", "results", "res1"),
    ],
)
def test_an_embedded_row_that_goes_moves_its_owner(
    publish_district: Publish, rows: Rows, file: str, sourced_id: str, owner_table: str, owner: str
) -> None:
    publish_district(District())
    district = District().delta()
    district.rows = {file: [{**district.row(file, sourced_id), "status": "tobedeleted"}]}
    assert publish_district(district).outcome == "published"
    assert generation(rows, owner_table, owner) == 2


def test_new_ids_for_the_same_roles_are_no_change_of_the_user(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    renamed = District()
    for number, role in enumerate(renamed.rows["roles"]):
        role["sourcedId"] = f"other{number}"
    publish_district(renamed, accept=None)
    assert generation(rows, "users", "pupil1") == 1


def test_a_hidden_change_is_stored_and_moves_no_date(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    second = publish_district(District().change("scoreScales", "scale", orgSourcedId="south"))
    assert second.outcome == "unchanged"
    assert rows("SELECT org_sourced_id FROM score_scales")[0]["org_sourced_id"] == "south"
    assert generation(rows, "score_scales", "scale") == 1


def test_a_missing_row_becomes_a_tombstone_and_returns(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    second = publish_district(District().remove("enrollments", "e3"))
    assert second.entities["enrollments"].gone == 1
    assert status(rows, "enrollments", "e3") == "tobedeleted"
    third = publish_district(District())
    assert third.entities["enrollments"].returned == 1
    assert status(rows, "enrollments", "e3") == "active"
    assert generation(rows, "enrollments", "e3") == 3


def test_a_row_that_becomes_invalid_keeps_what_was_published(publish_district: Publish, rows: Rows) -> None:
    district = District()
    for number in range(20):
        district.add("enrollments", sourcedId=f"x{number}", classSourcedId="class1", schoolSourcedId="north",
                     userSourcedId="pupil1", role="student")  # fmt: skip
    publish_district(district)
    second = publish_district(district.change("enrollments", "e2", role="nonsense"))
    assert second.outcome == "unchanged"
    assert second.entities["enrollments"].rejected == 1
    assert status(rows, "enrollments", "e2") == "active"
    assert generation(rows, "enrollments", "e2") == 1


def test_a_rejected_user_keeps_their_roles(publish_district: Publish, rows: Rows) -> None:
    district = District()
    for number in range(20):
        district.add("users", sourcedId=f"u{number}", enabledUser="true", username="u", givenName="G", familyName="F")
        district.add("roles", sourcedId=f"ur{number}", userSourcedId=f"u{number}", roleType="primary", role="student",
                     orgSourcedId="north")  # fmt: skip
    publish_district(district)
    district.change("users", "pupil1", enabledUser="perhaps").remove("roles", "r2")
    second = publish_district(district)
    assert second.entities["users"].rejected == 1
    assert status(rows, "roles", "r2") == "active"
    assert generation(rows, "users", "pupil1") == 1


def test_an_absent_file_deletes_nothing(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    without = District()
    without.rows["demographics"] = []
    publish_district(without)
    assert status(rows, "demographics", "pupil1") == "active"


def test_a_delta_applies_on_top(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    district = District().only("users", "roles").delta()
    district.rows["users"] = [{**district.row("users", "pupil1"), "givenName": "Bob"},
                              {**district.row("users", "pupil2"), "status": "tobedeleted"}]  # fmt: skip
    district.rows["roles"] = []
    second = publish_district(district)
    assert (second.entities["users"].changed, second.entities["users"].gone) == (1, 1)
    assert rows("SELECT given_name FROM users WHERE sourced_id = 'pupil1'")[0]["given_name"] == "Bob"
    assert status(rows, "users", "pupil2") == "tobedeleted"
    assert status(rows, "users", "teacher") == "active"


def test_a_delta_row_older_than_what_is_stored_is_ignored(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    newer, older = (
        District().only("orgs").delta("2026-02-02T00:00:00Z"),
        District().only("orgs").delta("2026-01-01T00:00:00Z"),
    )
    publish_district(newer.change("orgs", "north", name="Newer"))
    publish_district(older.change("orgs", "north", name="Older"))
    assert rows("SELECT name FROM orgs WHERE sourced_id = 'north'")[0]["name"] == "Newer"


def test_a_delta_row_waits_for_its_target(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    enrollment = {"sourcedId": "e9", "classSourcedId": "class9", "schoolSourcedId": "north", "userSourcedId": "pupil1",
                  "role": "student", "beginDate": "2025-09-01"}  # fmt: skip
    early = District().only()
    early.rows["enrollments"] = [enrollment]
    second = publish_district(early.delta())
    assert second.entities["enrollments"].waiting == 1
    assert not rows("SELECT 1 FROM enrollments WHERE sourced_id = 'e9'")
    assert not rows("SELECT needs_bulk FROM sources")[0]["needs_bulk"]
    late = District().only()
    late.rows["classes"] = [{**ROWS["classes"][0], "sourcedId": "class9"}]
    publish_district(late.delta("2026-01-03T00:00:00Z"))
    row = rows("SELECT begin_date, status FROM enrollments WHERE sourced_id = 'e9'")[0]
    assert (str(row["begin_date"]), row["status"]) == ("2025-09-01", "active")
    assert not rows("SELECT 1 FROM waiting_rows")


def test_a_rejected_delta_row_marks_the_source_as_needing_bulk(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    district = District().only("orgs").delta().change("orgs", "north", type="nonsense")
    district.rows["orgs"] = [district.row("orgs", "north"), *({**ROWS["orgs"][0], "sourcedId": f"o{n}",
        "status": "active", "dateLastModified": "2026-01-02T00:00:00Z"} for n in range(20))]  # fmt: skip
    assert publish_district(district).needs_bulk
    assert rows("SELECT needs_bulk FROM sources")[0]["needs_bulk"]
    publish_district(District().add("orgs", sourcedId="another", name="A", type="school"))
    assert not rows("SELECT needs_bulk FROM sources")[0]["needs_bulk"]


def test_an_optional_reference_is_served_once_its_target_comes(publish_district: Publish, rows: Rows) -> None:
    district = District().change("users", "pupil1", agentSourcedIds="guardian,uncle", primaryOrgSourcedId="west")
    first = publish_district(district)
    assert {found.code for found in first.findings} == {"reference_dangling"}
    user = rows("SELECT * FROM users WHERE sourced_id = 'pupil1'")[0]
    assert user["agent_sourced_ids"] == ["guardian"]
    assert user["primary_org_sourced_id"] is None
    assert user["dangling"] == {"agentSourcedIds": ["uncle"], "primaryOrgSourcedId": ["west"]}
    delta = District().only()
    delta.rows["orgs"] = [{"sourcedId": "west", "name": "West", "type": "school"}]
    publish_district(delta.delta())
    user = rows("SELECT * FROM users WHERE sourced_id = 'pupil1'")[0]
    assert user["primary_org_sourced_id"] == "west"
    assert user["dangling"] == {"agentSourcedIds": ["uncle"]}
    assert generation(rows, "users", "pupil1") == 2


def test_two_sources_never_touch_each_other(publish_district: Publish, rows: Rows) -> None:
    publish_district(District(), source="a")
    publish_district(District().remove("enrollments", "e3"), source="b")
    publish_district(District().remove("enrollments", "e2"), source="b")
    assert {row["status"] for row in rows("SELECT status FROM enrollments WHERE source = 'a'")} == {"active"}


def test_a_mass_deletion_is_held_and_can_be_accepted(publish_district: Publish, rows: Rows) -> None:
    district = District()
    for number in range(100):
        district.add("enrollments", sourcedId=f"x{number}", classSourcedId="class1", schoolSourcedId="north",
                     userSourcedId="pupil1", role="student")  # fmt: skip
    publish_district(district)
    held = publish_district(District())
    assert held.outcome == "held"
    assert held.reasons == ("100 of 103 active enrollments would be marked as deleted.",)
    assert status(rows, "enrollments", "x1") == "active"
    with pytest.raises(Refused, match="is held"):
        publish_district(District().change("orgs", "north", name="N"), accept=publish_fingerprint(publish_district))
    accepted = publish_district(District(), accept=held.fingerprint)
    assert accepted.outcome == "published"
    assert status(rows, "enrollments", "x1") == "tobedeleted"


def publish_fingerprint(publish_district: Publish) -> str:
    """The fingerprint of a bundle that would be held and was never seen by the hub."""
    return publish_district(District().change("orgs", "north", name="N"), source="elsewhere").fingerprint


def test_a_delta_waits_behind_a_held_bundle(publish_district: Publish) -> None:
    district = District()
    for number in range(100):
        district.add("enrollments", sourcedId=f"x{number}", classSourcedId="class1", schoolSourcedId="north",
                     userSourcedId="pupil1", role="student")  # fmt: skip
    publish_district(district)
    publish_district(District())
    delta = publish_district(District().only("orgs").delta().change("orgs", "north", name="New"))
    assert delta.outcome == "held"
    assert "waits behind" in delta.reasons[0]
    assert publish_district(district.change("orgs", "north", name="New")).outcome == "published"


def test_a_delta_is_guarded_by_the_share_of_all_records_not_of_those_it_names(publish_district: Publish) -> None:
    seats = [{**ROWS["enrollments"][2], "sourcedId": f"seat{number}"} for number in range(200)]
    district = District()
    district.rows["enrollments"] += seats
    publish_district(district)
    leaving = District().only()
    leaving.rows["enrollments"] = [{**seat, "status": "tobedeleted"} for seat in seats[:30]]
    published = publish_district(leaving.delta())
    assert (published.outcome, published.entities["enrollments"].gone) == ("published", 30)


def test_a_column_that_half_the_records_would_lose_is_held(publish_district: Publish) -> None:
    publish_district(District().change("users", "pupil2", email="c@x").change("users", "guardian", email="d@x"))
    without = District()
    for user in without.rows["users"]:
        user.pop("email", None)
    assert publish_district(without).reasons == ("3 of 4 active users would lose their email.",)


def test_too_many_rejected_rows_refuse_the_bundle(publish_district: Publish, rows: Rows) -> None:
    refused = publish_district(District().change("enrollments", "e2", role="nonsense"))
    assert refused.outcome == "rejected"
    assert refused.generation == 0
    assert not rows("SELECT 1 FROM orgs")
    assert rows("SELECT outcome FROM publications") == [{"outcome": "rejected"}]


def test_moments_are_whole_seconds_and_grow(publish_district: Publish, rows: Rows) -> None:
    for number in range(3):
        publish_district(District().change("orgs", "north", name=f"N{number}"))
    moments = [row["moment"] for row in rows("SELECT moment FROM publications ORDER BY id")]
    assert moments == sorted(set(moments))
    assert all(moment.microsecond == 0 for moment in moments)


def test_line_items_move_when_their_session_changes_its_type(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    publish_district(District().change("academicSessions", "period", type="term"))
    assert generation(rows, "line_items", "quiz") == 2
    publish_district(District().change("academicSessions", "period", type="term", title="Other"))
    assert generation(rows, "line_items", "quiz") == 2


def test_a_mixed_package_of_bulk_and_delta(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    district = District().only("orgs", "enrollments")
    district.modes["orgs"] = Mode.DELTA
    district.rows["orgs"] = [{"sourcedId": "north", "name": "N", "type": "school", "parentSourcedId": "district",
                              "status": "active", "dateLastModified": "2026-01-02T00:00:00Z"}]  # fmt: skip
    district.remove("enrollments", "e3")
    publish_district(district)
    assert status(rows, "orgs", "south") == "active"
    assert status(rows, "enrollments", "e3") == "tobedeleted"


@pytest.mark.parametrize(
    ("file", "cells", "code"),
    [
        ("classes", {"sourcedId": "class1", "schoolSourcedId": "district"}, "class_at_district"),
        ("enrollments", {"sourcedId": "e1", "schoolSourcedId": "district"}, "class_at_district"),
        ("courses", {"sourcedId": "maths", "schoolYearSourcedId": "term"}, "course_in_term"),
        ("roles", {"sourcedId": "r1", "roleType": "secondary"}, "secondary_without_primary"),
        ("roles", {"sourcedId": "r1", "userSourcedId": "pupil1", "userProfileSourcedId": ""}, "primary_roles_doubled"),
        ("users", {"sourcedId": "pupil1", "agentSourcedIds": "nobody"}, "reference_dangling"),
        ("orgs", {"sourcedId": "district", "parentSourcedId": "north"}, "reference_cycle"),
        ("users", {"sourcedId": "pupil1", "status": "tobedeleted"}, "target_deleted"),
    ],
)
def test_remarks(publish_district: Publish, file: str, cells: dict[str, str], code: str) -> None:
    district = District()
    district.row(file, cells["sourcedId"]).update(cells)
    if code == "primary_roles_doubled":
        district.add("roles", sourcedId="r9", userSourcedId="teacher", roleType="primary", role="teacher",
                     orgSourcedId="south")  # fmt: skip
    published = publish_district(district)
    assert published.outcome == "published"
    assert code in {found.code for found in published.findings}


@pytest.mark.parametrize(
    ("file", "cells", "code"),
    [
        ("enrollments", {"sourcedId": "e1", "classSourcedId": "nowhere"}, "reference_missing"),
        ("classes", {"sourcedId": "class1", "termSourcedIds": "nowhere,neither"}, "reference_missing"),
        ("demographics", {"sourcedId": "nobody"}, "reference_missing"),
        ("roles", {"sourcedId": "r2", "userProfileSourcedId": ROWS["userProfiles"][0]["sourcedId"]},
         "profile_of_another"),
        ("roles", {"sourcedId": "r2", "userSourcedId": "teacher"}, "user_without_role"),
    ],
)  # fmt: skip
def test_rows_that_fall(publish_district: Publish, file: str, cells: dict[str, str], code: str) -> None:
    district = District()
    found = next((row for row in district.rows[file] if row["sourcedId"] == cells["sourcedId"]), district.rows[file][0])
    found.update(cells)
    published = publish_district(district, thresholds=Thresholds(rejected_share=1.0))
    assert published.outcome == "published"
    assert code in {found.code for found in published.findings}


def test_a_fallen_row_takes_along_what_needs_it_and_says_so(publish_district: Publish, rows: Rows) -> None:
    published = publish_district(
        District().change("classes", "class1", courseSourcedId="nowhere"), thresholds=Thresholds(rejected_share=1.0)
    )
    messages = [found.message for found in published.findings if found.file == "enrollments.csv"]
    assert any("line 2 of classes.csv was itself rejected" in message for message in messages)
    assert {row["sourced_id"] for row in rows("SELECT sourced_id FROM enrollments")} == {"e3"}


def test_late_and_needless_delta_rows_are_told(publish_district: Publish) -> None:
    publish_district(District())
    publish_district(District().only("orgs").delta("2026-02-02T00:00:00Z"))
    late = District().only("orgs").delta("2026-01-01T00:00:00Z")
    late.add("orgs", sourcedId="never", status="tobedeleted", dateLastModified="2026-01-01T00:00:00Z")
    codes = {found.code: found.count for found in publish_district(late).findings}
    assert codes == {"delta_outdated": 3, "tombstone_unknown": 1}


def test_the_gate_is_asked_before_the_commit(publish_district: Publish, rows: Rows) -> None:
    broken = finding(
        "expectation_broken", Severity.ERROR, "users.csv", rejects_bundle=True, expected="more users", name="count"
    )
    refused = publish_district(District(), gate=lambda: (broken,))
    assert refused.outcome == "rejected"
    assert not rows("SELECT 1 FROM users")
    assert rows("SELECT outcome, generation FROM publications") == [{"outcome": "rejected", "generation": 0}]


def test_a_rejected_delta_needs_a_bulk_file(publish_district: Publish, rows: Rows) -> None:
    publish_district(District())
    refused = publish_district(District().only("users", "roles").delta().change("users", "pupil1", enabledUser="?"))
    assert refused.outcome == "rejected"
    assert rows("SELECT needs_bulk, generation FROM sources") == [{"needs_bulk": True, "generation": 1}]
