"""Judging a bundle by itself, with no server: what `rosterhub check` answers. Nothing is stored or published."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.findings import Finding, Severity, refuses
from pipelines.handover import StagedBundle
from pipelines.landing.archives import Limits
from pipelines.landing.opening import open_bundle
from pipelines.progress import Progress
from pipelines.roster.publishing import judge_alone
from pipelines.staged.staging import stage

SEVERITY_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True)
class Check:
    """The verdict. `outcome` is clean, warnings (it would be published, with these remarks) or rejected."""

    outcome: str
    entities: dict[str, dict[str, int]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        findings = [found.as_dict() for found in self.findings]
        return {"outcome": self.outcome, "entities": self.entities, "findings": findings}


def check(
    path: Path,
    strict: bool = False,
    profile: str = "auto",
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Check:
    """Judge the bundle at `path`: a folder, a zip, or one CSV file (whose references are then not judged).

    Raises Refused where there is nothing at that path.
    """
    with tempfile.TemporaryDirectory(prefix="rosterhub-check-") as folder:
        workspace = Path(folder)
        opened = open_bundle(path, workspace, limits, strict=strict, profile=profile)
        staged = stage(opened, workspace / "staged", progress)
        if path.suffix.lower() == ".csv" or staged.refused:
            return _verdict(staged, {name: file.rejected for name, file in staged.files.items()}, staged.all_findings)
        judgement = judge_alone(staged)
        rejected = {name: len(rows) for name, rows in judgement.rejected.items()}
        return _verdict(staged, rejected, (*staged.all_findings, *judgement.findings))


def _verdict(staged: StagedBundle, rejected: dict[str, int], findings: tuple[Finding, ...]) -> Check:
    entities = {
        name: {
            "accepted": file.accepted + file.rejected - rejected[name],
            "rejected": rejected[name],
            "warnings": _warnings(findings, f"{name}.csv"),
        }
        for name, file in staged.files.items()
    }
    ordered = tuple(sorted(findings, key=lambda found: SEVERITY_ORDER[found.severity]))
    return Check(_outcome(findings), entities, ordered)


def _outcome(findings: tuple[Finding, ...]) -> str:
    if refuses(findings):
        return "rejected"
    return "warnings" if any(found.severity is not Severity.INFO for found in findings) else "clean"


def _warnings(findings: tuple[Finding, ...], file: str) -> int:
    return sum(found.count for found in findings if found.file == file and found.severity is Severity.WARNING)
