"""OneRoster 1.0, as far as it must be recognised: it had no manifest and other column names. It is not read."""

from collections.abc import Iterable

# Column names, in lower case, that 1.0 exports have, and what 1.1 renamed them to.
RENAMED = {
    "grade": "grades",
    "schoolyearid": "schoolyearsourcedid",
    "userid": "userids",
    "agents": "agentsourcedids",
    "termsourcedid": "termsourcedids",
}


def old_columns(header: Iterable[str]) -> list[str]:
    """The columns of a header that only 1.0 has: those that are there under the old name and not under the new."""
    names = [name.strip() for name in header]
    present = {name.lower() for name in names}
    return [name for name in names if RENAMED.get(name.lower(), name.lower()) not in present]
