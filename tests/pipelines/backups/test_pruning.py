"""Which backups stay: a table of nights, and what must never go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.backups import Backup, backup, backups, latest, prune, shelf
from pipelines.backups.pruning import Retention, doomed, kept
from pipelines.backups.shelf import StoredFile
from pipelines.settings import Settings
from tests.pipelines.backups.conftest import aged

NIGHT = datetime(2026, 11, 24, 3, tzinfo=UTC)  # a Tuesday


def nights(count: int) -> list[datetime]:
    return [NIGHT - timedelta(days=number) for number in range(count)]


def days(moments: set[datetime]) -> list[str]:
    return [f"{moment:%m-%d}" for moment in sorted(moments, reverse=True)]


@pytest.mark.parametrize(
    ("daily", "weekly", "monthly", "staying"),
    [
        (1, 0, 0, ["11-24"]),
        (3, 0, 0, ["11-24", "11-23", "11-22"]),
        (1, 3, 0, ["11-24", "11-22", "11-15"]),  # weeks end on Sunday
        (1, 0, 3, ["11-24", "10-31", "09-30"]),
        (2, 2, 2, ["11-24", "11-23", "11-22", "10-31"]),
        (0, 0, 0, ["11-24"]),
    ],
)
def test_the_last_of_each_day_week_and_month_stays(daily: int, weekly: int, monthly: int, staying: list[str]) -> None:
    assert days(kept(nights(80), Retention(daily, weekly, monthly))) == staying


def test_of_several_on_a_day_the_last_stays() -> None:
    moments = [NIGHT + timedelta(days=2), NIGHT + timedelta(hours=9), NIGHT]
    assert kept(moments, Retention(2, 0, 0)) == {moments[0], moments[1]}


def test_what_was_made_within_a_day_of_the_newest_stays() -> None:
    moments = [NIGHT, NIGHT - timedelta(hours=8), NIGHT - timedelta(hours=23), NIGHT - timedelta(hours=24)]
    assert kept(moments, Retention(1, 0, 0)) == set(moments[:3])


def test_nights_without_a_backup_do_not_count() -> None:
    moments = [NIGHT, NIGHT - timedelta(days=40), NIGHT - timedelta(days=400)]
    assert kept(moments, Retention(3, 0, 0)) == set(moments)


def test_pruning_every_night_leaves_what_pruning_once_would() -> None:
    """What a week or a month needs later must not have gone as a day before."""
    rule = Retention(7, 5, 12)
    shelf_then: list[datetime] = []
    for night in reversed(nights(500)):
        shelf_then = sorted(kept([night, *shelf_then], rule), reverse=True)
    assert set(shelf_then) == kept(nights(500), rule)


def stored(moment: datetime, faults: tuple[str, ...] = ()) -> Backup:
    name = shelf.name_at(moment)
    return Backup(
        folder=Path(),
        name=name,
        created_at=moment.isoformat(),
        seconds=1.0,
        server_version=180000,
        dump=StoredFile(f"{name}.dump", "", 1),
        script=None,
        tables={},
        faults=faults,
    )


def test_what_is_no_good_takes_no_place_and_goes_with_its_day() -> None:
    bad_now = stored(NIGHT + timedelta(days=1), ("no",))
    bad_then = stored(NIGHT - timedelta(days=9), ("no",))
    good = [stored(night) for night in nights(5)]
    going = doomed([bad_now, *good, bad_then], Retention(3, 0, 0))
    assert going == [good[3], good[4], bad_then]


def test_where_none_is_good_all_stay() -> None:
    assert doomed([stored(night, ("no",)) for night in nights(20)], Retention(1, 0, 0)) == []


def test_days_are_those_of_the_time_zone() -> None:
    midnight_in_tokyo, hour = datetime(2026, 11, 20, 15, tzinfo=UTC), timedelta(hours=1)
    three = [stored(moment) for moment in (NIGHT, midnight_in_tokyo + hour, midnight_in_tokyo - hour)]
    assert doomed(three, Retention(3, 0, 0, "Asia/Tokyo")) == []
    assert doomed(three, Retention(3, 0, 0, "UTC")) == [three[2]]


def test_pruning_removes_every_file_of_what_goes_and_nothing_else(made: Backup, settings: Settings) -> None:
    second = backup(settings, made.folder)
    old = aged(made)
    rule = Retention(1, 0, 0)
    assert prune(made.folder, rule, dry_run=True) == [old]
    assert backups(made.folder) == [second, old]
    assert prune(made.folder, rule) == [old]
    assert backups(made.folder) == [second]
    assert not list(made.folder.glob(f"{made.name}*"))
    assert (made.folder / "latest.dump").resolve() == second.path
    assert (made.folder / "latest_backup.sql.gz").exists()


def test_the_latest_stays_when_the_newest_is_no_good(made: Backup, settings: Settings) -> None:
    second = backup(settings, made.folder)
    shelf.note(replace(second, faults=("pg_restore: no",)))
    assert prune(made.folder, Retention(1, 0, 0)) == []
    assert latest(made.folder) == made
    assert (made.folder / "latest.dump").resolve() == made.path
