"""Which backups stay: those of a day, then the last of each of some days, weeks and months.

What goes is removed here and nowhere else.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.backups import shelf
from pipelines.backups.shelf import Backup
from pipelines.settings import Settings

_FRESH = timedelta(days=1)  # what was made before an upgrade outlives the night after it

Period = Callable[[datetime], Hashable]


@dataclass(frozen=True)
class Retention:
    """Of how many days, weeks and months the last good backup stays; they begin and end in the time zone."""

    daily: int
    weekly: int
    monthly: int
    time_zone: str = "UTC"


def retention(settings: Settings) -> Retention:
    """As the settings say."""
    return Retention(settings.backup_daily, settings.backup_weekly, settings.backup_monthly, settings.time_zone)


def prune(folder: Path, rule: Retention, *, dry_run: bool = False) -> list[Backup]:
    """Remove what the rule does not keep, and say what that was; with `dry_run` only say it."""
    if dry_run:
        return doomed(shelf.backups(folder), rule)
    with shelf.locked(folder):
        going = doomed(shelf.backups(folder), rule)
        shelf.relink(folder)
        for backup in going:
            for path in shelf.paths_of(backup):
                path.unlink(missing_ok=True)
    return going


def doomed(backups: Iterable[Backup], rule: Retention) -> list[Backup]:
    """The backups that do not stay, newest first. The newest good one, to which the latest links lead, always does.

    One that is no good takes nobody's place, and goes with the good ones of its day.
    """
    newest_first = sorted(backups, key=lambda backup: backup.created_at, reverse=True)
    moments = {backup.name: _moment(backup, rule) for backup in newest_first}
    good = [moments[backup.name] for backup in newest_first if backup.is_good]
    staying = kept(good, rule)
    oldest_day = min(_last_of(good, rule.daily, _day), default=None)
    return [backup for backup in newest_first if not _stays(backup, moments[backup.name], staying, oldest_day)]


def _stays(backup: Backup, moment: datetime, staying: Collection[datetime], oldest_day: datetime | None) -> bool:
    if backup.is_good:
        return moment in staying
    return oldest_day is None or moment >= oldest_day


def kept(newest_first: Sequence[datetime], rule: Retention) -> set[datetime]:
    """The moments that stay: the last of each of the newest days, weeks and months that have any, and what is less
    than a day older than the newest."""
    return (
        {moment for moment in newest_first if newest_first[0] - moment < _FRESH}
        | _last_of(newest_first, max(rule.daily, 1), _day)
        | _last_of(newest_first, rule.weekly, _week)
        | _last_of(newest_first, rule.monthly, _month)
    )


def _last_of(newest_first: Sequence[datetime], count: int, period: Period) -> set[datetime]:
    last: dict[Hashable, datetime] = {}
    for moment in newest_first:
        last.setdefault(period(moment), moment)
    return set(list(last.values())[:count])


def _moment(backup: Backup, rule: Retention) -> datetime:
    return datetime.fromisoformat(backup.created_at).astimezone(ZoneInfo(rule.time_zone))


def _day(moment: datetime) -> Hashable:
    return moment.date()


def _week(moment: datetime) -> Hashable:
    return moment.isocalendar()[:2]


def _month(moment: datetime) -> Hashable:
    return moment.year, moment.month
