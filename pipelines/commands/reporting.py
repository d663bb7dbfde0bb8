"""Verdicts and publications as text for people at a terminal. The data they show is made elsewhere."""

from collections.abc import Iterable, Mapping

from pipelines.checking import Check
from pipelines.findings import Finding
from pipelines.handover import Change, Publication

OUTCOMES = {
    "clean": "Clean: this bundle is as the standard says.",
    "warnings": "It can be published; please look at the remarks above.",
    "rejected": "Rejected: nothing of this bundle would be published. The errors above say why.",
}
NEEDS_BULK = "Rows of a delta were rejected, and deltas never repeat: deliver a bulk bundle."
CHANGES = ("inserted", "changed", "unchanged", "returned", "gone", "rejected")


def check_text(verdict: Check) -> str:
    """The findings, worst first, then the files, then the verdict in one sentence."""
    files = table(
        ("file", "accepted", "rejected", "warnings"),
        [(f"{name}.csv", *map(str, counts.values())) for name, counts in verdict.entities.items()],
    )
    return "\n".join([*finding_lines(verdict.findings), "", *files, "", OUTCOMES[verdict.outcome]]).lstrip("\n")


def finding_lines(findings: Iterable[Finding]) -> list[str]:
    """Two lines per finding: where and what; what to do."""
    lines = []
    for found in findings:
        count = f" ({found.count} times)" if found.count > 1 else ""
        value = f' Found: "{found.value}".' if found.value else ""
        lines.append(f"{found.severity.value.upper():<8}{_place(found)}: {found.message}{value}{count}")
        lines.append(f"        → {found.remedy}")
    return lines


def _place(found: Finding) -> str:
    line = f" line {found.line}" if found.line is not None else ""
    column = f", {found.column}" if found.column else ""
    return f"{found.file}{line}{column}"


def publication_text(publication: Publication) -> str:
    """How a sync ended, with the counts per entity."""
    lines = change_lines(publication.entities) if publication.entities else []
    head = f"{publication.outcome}: {publication.source} is at generation {publication.generation}"
    remarks = [*publication.reasons, *([NEEDS_BULK] if publication.needs_bulk else [])]
    return "\n".join([head, *(f"  {remark}" for remark in remarks), *lines])


def change_lines(entities: Mapping[str, Change]) -> list[str]:
    """The counts of each entity's changes."""
    counted = [(name, *(str(getattr(change, kind)) for kind in CHANGES)) for name, change in entities.items()]
    return table(("entity", *CHANGES), counted)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Aligned columns, the first to the left and the numbers to the right."""
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    return [_aligned(row, widths) for row in [head, *rows]]


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    first, *numbers = zip(row, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in numbers)])
