"""What a client sees of a source's publications: what changed, with a new date, and nothing else."""

import pytest

from pipelines.oneroster.manifest import Version
from pipelines.oneroster.v1p1 import ADDED_IN_1_2, COLUMNS_ADDED_IN_1_2
from tests.api.conftest import ROSTERING, Api
from tests.journeys.line import DATE, Line, Record, Snapshot, differing, snapshot, undated
from tests.pipelines.district import ROWS, UUID, District


def generation(api: Api) -> str:
    return api.get(f"{ROSTERING}/users").headers["X-Roster-Generation"]


def properties(before: Record, after: Record) -> set[str]:
    """The names of the properties in which two versions of a record differ."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def with_pupils(number: int) -> District:
    """A district in which one row in ten may be faulty, and one in five may go."""
    district = District()
    for name in (f"more{n}" for n in range(number)):
        district.add("users", sourcedId=name, enabledUser="true", username=name, givenName="G", familyName="F")
        district.add("roles", sourcedId=f"role-{name}", userSourcedId=name, roleType="primary", role="student",
                     orgSourcedId="north")  # fmt: skip
        district.add("enrollments", sourcedId=f"enrollment-{name}", classSourcedId="class1", schoolSourcedId="north",
                     userSourcedId=name, role="student")  # fmt: skip
    return district


def test_the_same_bundle_again_leaves_every_etag_valid(line: Line, api: Api) -> None:
    line.take(District())
    before = {name: api.get(f"{ROSTERING}/{name}") for name in ("users", "orgs/north", "demographics")}
    again = line.take(District())
    assert (again.outcome, again.generation) == ("unchanged", 1)
    for name, answer in before.items():
        repeated = api.get(f"{ROSTERING}/{name}", If_None_Match=answer.headers["ETag"])
        assert (repeated.status_code, repeated.headers["X-Roster-Generation"]) == (304, "1")


def test_what_did_not_change_keeps_its_etag_in_the_next_generation(line: Line, api: Api) -> None:
    line.take(District())
    before = {name: api.get(f"{ROSTERING}/{name}") for name in ("users", "orgs")}
    line.take(District().change("users", "pupil1", email="new@example.org"))
    after = {
        name: api.get(f"{ROSTERING}/{name}", If_None_Match=answer.headers["ETag"]) for name, answer in before.items()
    }
    assert {name: answer.status_code for name, answer in after.items()} == {"users": 200, "orgs": 304}
    assert {answer.headers["X-Roster-Generation"] for answer in after.values()} == {"2"}


def test_rows_in_another_order_are_the_same_data(line: Line, api: Api) -> None:
    line.take(District())
    before = snapshot(api)
    reordered = District()
    for rows in reordered.rows.values():
        rows.reverse()
    assert line.take(reordered).outcome == "unchanged"
    assert snapshot(api) == before
    assert generation(api) == "1"


def test_a_changed_cell_is_one_property_and_the_date_of_one_record(line: Line, api: Api) -> None:
    line.take(District())
    before = snapshot(api)
    line.take(District().change("classes", "class1", periods="2,1"))
    after = snapshot(api)
    assert differing(before, after) == {"classes/class1"}
    assert properties(before["classes/class1"], after["classes/class1"]) == {"periods", DATE}
    assert before["classes/class1"][DATE] < after["classes/class1"][DATE]


# (file, sourcedId, changed cells, what a client sees of it: record → property)
CHANGES: tuple[tuple[str, str, dict[str, str], dict[str, str]], ...] = (
    ("academicSessions", "term", {"title": "Fall"}, {"academicSessions/term": "title", "terms/term": "title"}),
    ("academicSessions", "period", {"type": "term"}, {"academicSessions/period": "type",
                                                      "lineItems/quiz": "gradingPeriod academicSession"}),
    ("orgs", "north", {"identifier": "N"}, {"orgs/north": "identifier", "schools/north": "identifier"}),
    ("courses", "maths", {"grades": "09"}, {"courses/maths": "grades"}),
    ("classes", "class1", {"periods": "2,1"}, {"classes/class1": "periods"}),
    ("users", "pupil2", {"email": "new@x"}, {"users/pupil2": "email", "students/pupil2": "email"}),
    ("userProfiles", UUID, {"username": "lovelace"}, {"users/teacher": "userProfiles",
                                                      "teachers/teacher": "userProfiles"}),
    ("roles", "r2", {"beginDate": "2025-08-02"}, {"users/pupil1": "roles", "students/pupil1": "roles"}),
    ("demographics", "pupil1", {"birthDate": "2011-02-04"}, {"demographics/pupil1": "birthDate"}),
    ("enrollments", "e1", {"primary": "false"}, {"enrollments/e1": "primary"}),
    ("resources", "book", {"importance": "secondary"}, {"resources/book": "importance"}),
    ("categories", "tests", {"weight": "41"}, {"categories/tests": "weight"}),
    ("scoreScales", "scale", {"scoreScaleValue": "{P:50}"}, {"scoreScales/scale": "scoreScaleValue"}),
    ("resultLearningObjectiveIds", "ro1", {"score": "2"}, {"results/res1": "learningObjectiveSet"}),
)  # fmt: skip


def test_many_changes_at_once_are_each_seen_where_they_are(line: Line, api: Api) -> None:
    line.take(District())
    before = snapshot(api)
    district = District()
    expected: dict[str, set[str]] = {}
    for file, sourced_id, cells, seen in CHANGES:
        district.change(file, sourced_id, **cells)
        expected |= {name: {DATE, *names.split()} for name, names in seen.items()}
    line.take(district)
    after = snapshot(api)
    assert before.keys() - after.keys() == {"gradingPeriods/period"}
    assert after.keys() - before.keys() == {"terms/period"}
    in_both = differing(before, after) & before.keys() & after.keys()
    assert {name: properties(before[name], after[name]) for name in in_both} == expected
    assert len({after[name][DATE] for name in in_both}) == 1


def test_a_row_that_becomes_invalid_leaves_the_record_as_it_was(line: Line, api: Api) -> None:
    district = with_pupils(20)
    line.take(district)
    before = snapshot(api)
    district.change("users", "pupil1", enabledUser="perhaps").change("enrollments", "e2", role="nonsense")
    district.change("lineItems", "quiz", dueDate="2025-02-31")
    faulty = line.take(district)
    assert faulty.outcome == "unchanged"
    assert {found.file for found in faulty.findings if found.code == "kept_previous"} == {
        "users.csv",
        "enrollments.csv",
        "lineItems.csv",
    }
    assert snapshot(api) == before


def test_a_removed_row_is_a_tombstone_until_it_comes_back(line: Line, api: Api) -> None:
    line.take(District())
    before = snapshot(api)
    line.take(District().remove("enrollments", "e3"))
    without = snapshot(api)
    assert differing(before, without) == {"enrollments/e3"}
    assert properties(before["enrollments/e3"], without["enrollments/e3"]) == {"status", DATE}
    assert without["enrollments/e3"]["status"] == "tobedeleted"
    line.take(District())
    again = snapshot(api)
    assert undated(again) == undated(before)
    assert before["enrollments/e3"][DATE] < without["enrollments/e3"][DATE] < again["enrollments/e3"][DATE]


def test_a_pupil_who_leaves_stays_readable_with_the_role_they_had(line: Line, api: Api) -> None:
    district = with_pupils(20)
    line.take(district)
    before = snapshot(api)
    district.remove("users", "more3").remove("roles", "role-more3").remove("enrollments", "enrollment-more3")
    line.take(district)
    after = snapshot(api)
    assert differing(before, after) == {"users/more3", "students/more3", "enrollments/enrollment-more3"}
    assert properties(before["users/more3"], after["users/more3"]) == {"status", DATE}


def test_a_delta_changes_what_it_names(line: Line, api: Api) -> None:
    line.take(District())
    before = snapshot(api)
    delta = District().only("users", "roles").delta()
    delta.rows["users"] = [
        {**delta.row("users", "pupil1"), "givenName": "Bob"},
        {**delta.row("users", "pupil2"), "status": "tobedeleted"},
        {**delta.row("users", "guardian"), "sourcedId": "aunt", "username": "aunt"},
    ]
    delta.rows["roles"] = [{**delta.row("roles", "r4"), "sourcedId": "r5", "userSourcedId": "aunt"}]
    line.take(delta)
    after = snapshot(api)
    assert differing(before, after) == {
        *("users/pupil1", "students/pupil1", "users/pupil2", "students/pupil2", "users/aunt")
    }
    assert after["users/pupil1"]["givenName"] == "Bob"
    assert after["users/pupil2"]["status"] == "tobedeleted"
    assert after["users/aunt"]["roles"] == before["users/guardian"]["roles"]


def test_a_delta_row_is_seen_once_what_it_waits_for_has_come(line: Line, api: Api) -> None:
    line.take(District())
    before = snapshot(api)
    early = District().only()
    early.rows["enrollments"] = [{**ROWS["enrollments"][1], "sourcedId": "e9", "classSourcedId": "class9"}]
    line.take(early.delta())
    assert snapshot(api) == before
    late = District().only()
    late.rows["classes"] = [{**ROWS["classes"][0], "sourcedId": "class9"}]
    line.take(late.delta("2026-01-03T00:00:00Z"))
    after = snapshot(api)
    assert differing(before, after) == {"classes/class9", "enrollments/e9"}
    assert after["enrollments/e9"][DATE] == after["classes/class9"][DATE]


def in_both_versions(district: District) -> District:
    """Without what 1.1 cannot say, and with what it leaves to be derived said outright."""
    for name in {*ADDED_IN_1_2} - {"roles"}:
        district.rows[name] = []
    for name, columns in COLUMNS_ADDED_IN_1_2.items():
        for row in district.rows[name]:
            for column in {*columns} - {"academicSessionSourcedId"}:
                row.pop(column, None)
    for role in district.rows["roles"]:
        role.pop("beginDate", None)
        role.pop("userProfileSourcedId", None)
        district.change("users", role["userSourcedId"], primaryOrgSourcedId=role["orgSourcedId"])
    for item in district.rows["lineItems"]:
        item["schoolSourcedId"] = district.row("classes", item["classSourcedId"])["schoolSourcedId"]
    for result in district.rows["results"]:
        result["classSourcedId"] = district.row("lineItems", result["lineItemSourcedId"])["classSourcedId"]
    return district


def as_1_1(district: District) -> District:
    district.version = Version.V1P1
    return district


def client_of(line: Line, api: Api, source: str) -> Snapshot:
    """What a client who may read that source alone sees, under the same URLs whatever the source is."""
    return snapshot(Api(api.client, line.key(source)))


def test_both_versions_of_the_standard_give_the_same_json(line: Line, api: Api) -> None:
    assert line.take(as_1_1(in_both_versions(District())), "older").outcome == "published"
    assert line.take(in_both_versions(District()), "newer").outcome == "published"
    assert undated(client_of(line, api, "older")) == undated(client_of(line, api, "newer"))


def test_administrators_of_1_1_are_named_by_their_org(line: Line, api: Api) -> None:
    def administered() -> District:
        district = in_both_versions(District()).change("roles", "r1", role="siteAdministrator")
        district.change("enrollments", "e1", role="administrator")
        return district.change("roles", "r4", role="districtAdministrator", orgSourcedId="district").change(
            "users", "guardian", primaryOrgSourcedId="district"
        )

    line.take(as_1_1(administered()), "older")
    line.take(administered(), "newer")
    assert undated(client_of(line, api, "older")) == undated(client_of(line, api, "newer"))


@pytest.mark.parametrize("pupils", [0, 30])
def test_a_change_to_1_2_moves_nobodys_date(line: Line, api: Api, pupils: int) -> None:
    """Ids of roles differ then; the change guard must not take that for a mass deletion."""
    line.take(as_1_1(in_both_versions(with_pupils(pupils))))
    before = snapshot(api)
    changed_over = line.take(in_both_versions(with_pupils(pupils)))
    assert changed_over.outcome == "unchanged", changed_over.reasons
    assert snapshot(api) == before
    line.take(in_both_versions(with_pupils(pupils)).change("roles", "r2", orgSourcedId="south"))
    assert differing(before, snapshot(api)) == {"users/pupil1", "students/pupil1"}


def test_a_change_back_to_1_1_is_held(line: Line, api: Api) -> None:
    line.take(in_both_versions(District()))
    before = snapshot(api)
    assert line.take(as_1_1(in_both_versions(District()))).outcome == "held"
    assert snapshot(api) == before
