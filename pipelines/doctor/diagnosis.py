"""One answer of the doctor: what was looked at, how it does, what was found, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How serious it is: `warn` works for now, `fail` does not."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The remedy is "" where nothing has to be done."""

    check: str
    state: State
    found: str
    remedy: str = ""


def ok(check: str, found: str) -> Diagnosis:
    """Nothing to do."""
    return Diagnosis(check, State.OK, found)


def warn(check: str, found: str, remedy: str) -> Diagnosis:
    """It works, but not as well or not for long."""
    return Diagnosis(check, State.WARN, found, remedy)


def fail(check: str, found: str, remedy: str) -> Diagnosis:
    """It does not work."""
    return Diagnosis(check, State.FAIL, found, remedy)


def graded(check: str, found: str, remedy: str, *, fails: bool, warns: bool) -> Diagnosis:
    """By two thresholds, of which the worse counts."""
    if fails:
        return fail(check, found, remedy)
    return warn(check, found, remedy) if warns else ok(check, found)
