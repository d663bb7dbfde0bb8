"""What one step hands to the next: a Bundle from landing to staging, a StagedBundle from staging to publishing.

Plain data about files on disk; the steps themselves do not import one another.

A staged file is two parquet files. Accepted rows have the columns of `frames.accepted_schema`; a reader picks these,
there may be others:

    line                     physical line in the CSV file
    surplus                  the row had extra empty cells at its end
    sourced_id
    status                   null in bulk unless the file says so
    sent_date_last_modified  the source's own date
    (one per stored column of the 1.2 entity, under its snake_case name; pairs as "left:right" items)
    metadata                 a JSON object with its keys sorted, or null

Rejected rows have `line`, `sourced_id` (null if unreadable) and `codes`, the findings that refused them.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.findings import Finding, Severity, refuses
from pipelines.oneroster.manifest import Mode, Version


@dataclass(frozen=True)
class Bundle:
    """What arrived, opened: the CSV files on disk by entity name, and what its manifest says.

    A bundle that cannot be read has findings that refuse it and may have no files.
    """

    path: Path  # as it arrived: a folder or a zip
    fingerprint: str  # sha256 (hex) of names and contents of what was delivered
    version: Version
    version_text: str  # as the manifest spells it
    files: dict[str, Path] = field(default_factory=dict)
    modes: dict[str, Mode] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    strict: bool = False
    japan: bool = False

    @property
    def refused(self) -> bool:
        return refuses(self.findings)

    def mode(self, name: str) -> Mode:
        return self.modes.get(name, Mode.ABSENT)


@dataclass(frozen=True)
class StagedFile:
    """One file of a bundle, read: where its rows are and how many."""

    entity: str
    mode: Mode
    accepted_path: Path
    rejected_path: Path
    accepted: int
    rejected: int
    warnings: int  # rows and columns that were read with a warning
    findings: tuple[Finding, ...] = ()
    derived: bool = False  # not a file of the bundle: the roles of a 1.1 users.csv, which follow their users rows

    @property
    def ids_unreadable(self) -> bool:
        """Whether a rejected row has no readable sourcedId: then nothing may be deleted by this file."""
        return any(found.code in {"id_blank", "id_unusable"} for found in self.findings)


@dataclass(frozen=True)
class StagedBundle:
    """A bundle after staging. `files` has an entry for each file that is bulk or delta, by 1.2 entity name."""

    fingerprint: str
    version: Version
    version_text: str
    strict: bool
    japan: bool
    files: dict[str, StagedFile] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()  # of the bundle as a whole; each file has its own

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        return self.findings + tuple(found for file in self.files.values() for found in file.findings)

    @property
    def refused(self) -> bool:
        return refuses(self.all_findings)

    def mode(self, name: str) -> Mode:
        return self.files[name].mode if name in self.files else Mode.ABSENT

    def write(self, folder: Path) -> Path:
        """Write the summary beside the parquet files; `read` takes it up in another process."""
        path = folder / "staged.json"
        path.write_text(json.dumps(_plain(self), ensure_ascii=False))
        return path

    @staticmethod
    def read(folder: Path) -> "StagedBundle":
        plain = json.loads((folder / "staged.json").read_text())
        files = {name: _staged_file(entry) for name, entry in plain.pop("files").items()}
        findings = tuple(_finding(entry) for entry in plain.pop("findings"))
        version = Version(plain.pop("version"))
        return StagedBundle(version=version, files=files, findings=findings, **plain)


def _plain(staged: StagedBundle) -> dict[str, Any]:
    plain = dict(vars(staged))
    plain["findings"] = [found.as_dict() for found in staged.findings]
    plain["files"] = {name: _plain_file(file) for name, file in staged.files.items()}
    return plain


def _plain_file(file: StagedFile) -> dict[str, Any]:
    findings = [found.as_dict() for found in file.findings]
    paths = {"accepted_path": str(file.accepted_path), "rejected_path": str(file.rejected_path)}
    return {**vars(file), **paths, "findings": findings}


def _staged_file(plain: dict[str, Any]) -> StagedFile:
    findings = tuple(_finding(entry) for entry in plain["findings"])
    paths = {name: Path(plain[name]) for name in ("accepted_path", "rejected_path")}
    return StagedFile(**{**plain, **paths, "mode": Mode(plain["mode"]), "findings": findings})


def _finding(plain: dict[str, Any]) -> Finding:
    return Finding(**{**plain, "severity": Severity(plain["severity"])})


@dataclass(frozen=True)
class Change:
    """How one entity's stored records moved in a publication, in rows. `rejected` rows changed nothing."""

    inserted: int = 0
    changed: int = 0
    unchanged: int = 0
    returned: int = 0
    gone: int = 0
    rejected: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Publication:
    """How publishing a bundle ended. Only `published` made a new generation."""

    outcome: str  # published | unchanged | held | rejected
    source: str
    generation: int  # of the source, after it
    fingerprint: str
    entities: dict[str, Change] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()  # of the references and derivations that only the store could judge
    reasons: tuple[str, ...] = ()  # held, rejected: why
    seconds: dict[str, float] = field(default_factory=dict)  # by stage
    needs_bulk: bool = False
