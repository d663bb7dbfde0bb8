"""What is asked for is new every time, and refused where the district has not enough of it."""

from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from pipelines.errors import SettingsError
from tests.benchmarks.questions import Known, Questions, take

IDS = [f"id-{number}" for number in range(300)]
KNOWN = Known(IDS, IDS, IDS, ["Kim", "O'Brien"], IDS, IDS[:3], IDS[:9], datetime(2026, 8, 1, 12, tzinfo=UTC))

ENDLESS = {"same_page"}
KINDS = sorted(vars(Questions(KNOWN)).keys() - ENDLESS)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_for_twice(kind: str) -> None:
    paths = take(getattr(Questions(KNOWN), kind), 9)
    assert len(set(paths)) == 9


def test_different_kinds_share_what_they_ask_for() -> None:
    asked = Questions(KNOWN)
    before = take(asked.singles, 5)
    assert not set(before) & set(take(asked.mixed, 40))


def test_quotes_in_names_are_doubled() -> None:
    names = [unquote(path) for path in take(Questions(KNOWN).names, 4)]
    assert names[1].endswith("filter=familyName='O''Brien'")
    assert [path.partition("limit=")[2][:3] for path in names] == ["100", "100", "101", "101"]


def test_moments_lie_within_the_second_before_the_last_publication() -> None:
    first, *_, last = (unquote(path) for path in Questions(KNOWN).few_changes)
    assert first.endswith("dateLastModified>'2026-08-01T11:59:59.999Z'")
    assert last.endswith("dateLastModified>'2026-08-01T11:59:59.001Z'")


def test_a_district_that_is_too_small_says_so() -> None:
    with pytest.raises(SettingsError, match="--students"):
        take(Questions(KNOWN).members, 10)
