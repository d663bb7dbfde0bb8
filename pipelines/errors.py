"""The exceptions that reach an operator, each with the exit code it ends a command with.

    RosterHubError
    ├── Refused           1  the work was judged and turned down: the input or the situation has to change
    ├── SettingsError     2  a setting or an argument makes no sense
    └── DependencyAway    3  something RosterHub needs (a server, a binary, a port) is not there

A message names the culprit and the remedy; it is printed as it is, without a traceback. Bad rows are data and
never come here, and neither do programming errors.
"""

from collections.abc import Sequence


class RosterHubError(Exception):
    """Something an operator can put right; `str(error)` says what and how."""

    exit_code = 1


class Refused(RosterHubError):  # noqa: N818 - reads as what happened
    """The work was understood and turned down."""


class SettingsError(RosterHubError):
    """A setting or an argument cannot be used as it was given."""

    exit_code = 2


class DependencyAway(RosterHubError):  # noqa: N818 - reads as what happened
    """A server, a program or a port that the work depends on is missing or does not answer."""

    exit_code = 3


def some(names: Sequence[str], shown: int = 3) -> str:
    """The first of many culprits, for a sentence.

    >>> some(["orgs", "users", "classes", "roles"], 2)
    'orgs, users and 2 more'
    """
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
