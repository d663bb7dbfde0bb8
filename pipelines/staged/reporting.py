"""Collecting the findings of one file, with the severity that tolerant or strict reading gives them."""

from typing import Any

from pipelines.findings import Finding, Severity, finding


class Report:
    """The findings of one file so far. In strict reading every deviation refuses the bundle."""

    def __init__(self, file: str, strict: bool = False):
        self.file = file
        self.strict = strict
        self.findings: list[Finding] = []

    def refusal(self, code: str, **facts: Any) -> None:
        """A fault of the file: it is refused, and so is the bundle."""
        self._add(code, Severity.ERROR, True, facts)

    def deviation(self, code: str, **facts: Any) -> None:
        """Read all the same; strict reading refuses."""
        self._add(code, Severity.ERROR if self.strict else Severity.WARNING, self.strict, facts)

    def row_error(self, code: str, **facts: Any) -> None:
        """The row is refused; strict reading refuses the bundle with it."""
        self._add(code, Severity.ERROR, self.strict, facts)

    def note(self, code: str, **facts: Any) -> None:
        """A warning that never fails, also in strict reading (Japan's recommendations)."""
        self._add(code, Severity.WARNING, False, facts)

    def _add(self, code: str, severity: Severity, rejects_bundle: bool, facts: dict[str, Any]) -> None:
        self.findings.append(finding(code, severity, self.file, rejects_bundle=rejects_bundle, **facts))

    @property
    def refused(self) -> bool:
        return any(found.rejects_bundle for found in self.findings)

    @property
    def warnings(self) -> int:
        return sum(found.count for found in self.findings if found.severity is Severity.WARNING)
