"""A finding: what is wrong in a bundle, where, and what to do about it.

Every code is declared once in `pipelines.finding_texts`; whoever finds something makes a Finding here. Findings are
data handed from landing, staging and publishing to reports, Dagster and the command line. No rules live here.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from pipelines.finding_texts import TEXTS

EXAMPLES = 20  # findings shown per rule and column


class Severity(StrEnum):
    """error: the row (or the file, and so the bundle) is refused. warning: read, but not as the standard says."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, or `count` faults of one rule shown by their first example.

    `line` is the physical line in the file, the header being line 1; None where a fault has no line.
    `value` is the cell as sent: personal data, to be masked wherever the reader may not see the bundle.
    """

    code: str
    severity: Severity
    file: str
    message: str
    remedy: str
    line: int | None = None
    column: str | None = None
    value: str | None = None
    count: int = 1
    rejects_bundle: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def masked(self) -> "Finding":
        """The same without the value, for logs, Dagster and anything else that is not access-controlled."""
        return replace(self, value=None if self.value is None else "•••")


def finding(  # noqa: PLR0913  these are a finding's parts
    code: str,
    severity: Severity,
    file: str,
    *,
    line: int | None = None,
    column: str | None = None,
    value: str | None = None,
    count: int = 1,
    rejects_bundle: bool = False,
    **facts: Any,
) -> Finding:
    """A Finding with the texts of its code; `facts` fill the texts' other names."""
    text = TEXTS[code]
    names = {"file": file, "line": line, "column": column, "count": count, **facts}
    message, remedy = text.message.format(**names), text.remedy.format(**names)
    return Finding(code, severity, file, message, remedy, line, column, value, count, rejects_bundle)


def example_counts(shown: int, total: int) -> list[int]:
    """How many faults each example stands for: itself, and the last one also for those not shown, so that they add up.

    >>> example_counts(3, 10)
    [1, 1, 8]
    """
    return [1] * (shown - 1) + [total - shown + 1] if shown else []


def refuses(findings: Iterable[Finding]) -> bool:
    """Whether any of them keeps the whole bundle from being published."""
    return any(found.rejects_bundle for found in findings)
