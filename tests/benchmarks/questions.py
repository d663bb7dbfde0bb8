"""What is asked for: paths drawn from what the district holds, none of them twice in a round, so that none is cached.

Where there are fewer values than questions (family names), pages of slightly different sizes are asked for.
"""

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import psycopg

from pipelines.errors import SettingsError
from tests.benchmarks.syncs import SOURCE

PAGE = 100
LARGE_PAGE = 10_000  # of a crawl
BASE = f"/sources/{SOURCE}/ims/oneroster/rostering/v1p2"
USERS = f"{BASE}/users"
ENROLLMENTS = f"{BASE}/enrollments"

_OLDEST = datetime(2001, 1, 1, tzinfo=UTC)  # before anything was published

_SCHOOLS = "SELECT sourced_id FROM orgs WHERE source = %s AND type = 'school' ORDER BY sourced_id"
_USERS = "SELECT sourced_id FROM users WHERE source = %s ORDER BY md5(sourced_id)"
_ENROLLMENTS = "SELECT sourced_id FROM enrollments WHERE source = %s ORDER BY md5(sourced_id) LIMIT 50000"
_CLASSES = "SELECT sourced_id FROM classes WHERE source = %s ORDER BY md5(sourced_id)"
_NAMES = "SELECT DISTINCT family_name FROM users WHERE source = %s"
_ADDRESSES = "SELECT split_part(email, '@', 1) FROM users WHERE source = %s AND email <> '' ORDER BY md5(email)"
_MEMBERS = (
    "SELECT user_sourced_id FROM roles WHERE source = %s AND org_sourced_id = ANY(%s) AND status = 'active'"
    " GROUP BY 1 ORDER BY md5(user_sourced_id)"
)
_LATEST = "SELECT moment FROM publications WHERE source = %s AND outcome = 'published' ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True)
class Known:
    """What there is to ask for, in no order. `schools` are a tenth of them, `members` the users who belong there."""

    users: Sequence[str]
    enrollments: Sequence[str]
    classes: Sequence[str]
    names: Sequence[str]
    addresses: Sequence[str]  # the part before the @
    schools: Sequence[str]
    members: Sequence[str]
    latest: datetime  # when the last publication's records changed

    @classmethod
    def read(cls, url: str) -> "Known":
        """From the database."""
        with psycopg.connect(url) as connection:

            def column(statement: str, *values: Any) -> list[Any]:
                return [value for (value,) in connection.execute(statement.encode(), (SOURCE, *values))]

            users, classes, names = column(_USERS), column(_CLASSES), column(_NAMES)
            schools = column(_SCHOOLS)[::10]
            enrollments, addresses = column(_ENROLLMENTS), column(_ADDRESSES)
            members, (latest,) = column(_MEMBERS, schools), column(_LATEST)
            return cls(users, enrollments, classes, names, addresses, schools, members, latest)


class Questions:
    """A round's questions. Every attribute goes on where it was left."""

    def __init__(self, known: Known) -> None:
        self.pages = _after(USERS, known.users)
        self.same_page = itertools.repeat(page(USERS))
        self.enrollments = _after(ENROLLMENTS, known.enrollments)
        self.singles = (f"{USERS}/{id}" for id in known.users)
        self.deep_pages = (page(USERS, offset=offset) for offset in _deep_offsets(len(known.users)))
        self.early_pages = (page(USERS, offset=offset) for offset in range(1, len(known.users)))
        self.names = _by_name(known.names)
        self.addresses = (_filtered(f"email~'{part}'") for part in known.addresses)
        self.few_changes = (_changed_after(known.latest - step) for step in _milliseconds())
        self.all_changes = (_changed_after(_OLDEST + step) for step in _milliseconds())
        self.sorted_pages = (page(USERS, sort="familyName", offset=offset) for offset in range(len(known.users)))
        self.nested = (page(f"{BASE}/classes/{id}/students") for id in known.classes)
        self.members_pages = _after(USERS, known.members)
        self.members = (f"{USERS}/{id}" for id in known.members)
        self.mixed = _in_turn(self.pages, self.singles, self.names, self.enrollments, self.addresses)


def take(paths: Iterator[str], count: int) -> list[str]:
    """The next paths. Raises SettingsError where the district has not so many."""
    taken = list(itertools.islice(paths, count))
    if len(taken) < count:
        raise SettingsError("the district is too small to ask for so many different pages: raise --students")
    return taken


def page(path: str, **query: object) -> str:
    """A page of a collection with those parameters."""
    given = {"limit": PAGE} | query
    return f"{path}?" + "&".join(f"{name}={quote(str(value))}" for name, value in given.items())


def _after(path: str, ids: Sequence[str]) -> Iterator[str]:
    return (page(path, after=id) for id in ids)


def _filtered(text: str, limit: int = PAGE) -> str:
    return page(USERS, limit=limit, filter=text)


def _by_name(names: Sequence[str]) -> Iterator[str]:
    quoted = [name.replace("'", "''") for name in names]
    return (_filtered(f"familyName='{name}'", limit) for limit in itertools.count(PAGE) for name in quoted)


def _changed_after(moment: datetime) -> str:
    return _filtered(f"dateLastModified>'{moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}'")


def _milliseconds() -> Iterator[timedelta]:
    """Less than a second altogether: two publications of a source are at least a second apart."""
    return (timedelta(milliseconds=number) for number in range(1, 1000))


def _deep_offsets(users: int) -> list[int]:
    """Those of the second half."""
    offsets = list(range(users // 2, users - PAGE))
    random.Random(1).shuffle(offsets)  # noqa: S311 - the same every time
    return offsets


def _in_turn(*kinds: Iterator[str]) -> Iterator[str]:
    return (path for paths in zip(*kinds, strict=False) for path in paths)
