"""Collecting the findings about one bundle while it is opened, with the severity that tolerant or strict gives them."""

from typing import Any

from pipelines.findings import Finding, Severity, finding, refuses


class Remarks:
    """The findings so far. `bundle` names what arrived, for faults that belong to no file in it."""

    def __init__(self, bundle: str, strict: bool = False):
        self.bundle = bundle
        self.strict = strict
        self.findings: list[Finding] = []

    def refusal(self, code: str, file: str | None = None, **facts: Any) -> None:
        """A fault that keeps the whole bundle from being published."""
        self._add(code, file, Severity.ERROR, True, facts)

    def deviation(self, code: str, file: str | None = None, **facts: Any) -> None:
        """Something read all the same; strict reading refuses the bundle for it."""
        self._add(code, file, Severity.ERROR if self.strict else Severity.WARNING, self.strict, facts)

    def _add(self, code: str, file: str | None, severity: Severity, rejects: bool, facts: dict[str, Any]) -> None:
        self.findings.append(finding(code, severity, file or self.bundle, rejects_bundle=rejects, **facts))

    @property
    def refused(self) -> bool:
        return refuses(self.findings)
