"""Present means present: what is not in a bulk file goes, what is there in any form stays (rulings)."""

from tests.pipelines.conftest import Publish, Rows
from tests.pipelines.district import District


def many_enrollments() -> District:
    """Enough rows that one bad one is within what a file may have."""
    district = District()
    for number in range(30):
        district.add("enrollments", sourcedId=f"x{number}", classSourcedId="class1", schoolSourcedId="north",
                     userSourcedId="pupil1", role="student")  # fmt: skip
    return district


def active(rows: Rows) -> set[str]:
    return {row["sourced_id"] for row in rows("SELECT sourced_id FROM enrollments WHERE status = 'active'")}


def test_a_row_without_a_readable_id_keeps_its_file_from_deleting(publish_district: Publish, rows: Rows) -> None:
    publish_district(many_enrollments())
    before = active(rows)
    district = many_enrollments().remove("enrollments", "e3").change("enrollments", "x5", sourcedId="")
    second = publish_district(district)
    assert second.entities["enrollments"].gone == 0
    assert active(rows) == before


def test_a_rejected_row_is_present_and_another_missing_one_goes(publish_district: Publish, rows: Rows) -> None:
    publish_district(many_enrollments())
    before = active(rows)
    district = many_enrollments().remove("enrollments", "e3").change("enrollments", "x5", role="nonsense")
    second = publish_district(district)
    assert second.entities["enrollments"].gone == 1
    assert active(rows) == before - {"e3"}


def test_a_row_that_falls_with_its_target_is_present_too(publish_district: Publish, rows: Rows) -> None:
    publish_district(many_enrollments())
    before = active(rows)
    second = publish_district(many_enrollments().change("enrollments", "x5", classSourcedId="nowhere"))
    assert second.entities["enrollments"].rejected == 1
    assert active(rows) == before
