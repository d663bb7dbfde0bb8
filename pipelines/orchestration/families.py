"""The families of staging's rules, one asset check each: which part of a file a finding's code speaks of."""

from collections.abc import Iterable

from pipelines.findings import Finding

# family → how its codes begin; what begins otherwise is about values.
_BEGINNINGS = {
    "structure": ("not_utf8", "quotes_", "bom_", "line_", "row_", "cell_", "cells_", "control_"),
    "header": ("header_", "column_", "lifecycle_missing"),
    "identity": ("id_",),
}
_OTHERWISE = "values"

DESCRIPTIONS = {
    "structure": "The file is UTF-8 text in rows of as many cells as its header has.",
    "header": "The header has the standard's columns, each once, in order.",
    "values": "Cells hold what their column may hold: words of its vocabulary, real dates, numbers in range.",
    "identity": "Every row has a usable sourcedId of its own.",
}


def family(code: str) -> str:
    """The family of a code of staging."""
    for name, beginnings in _BEGINNINGS.items():
        if code.startswith(beginnings):
            return name
    return _OTHERWISE


def by_family(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Findings under every family, empty ones included."""
    grouped: dict[str, list[Finding]] = {name: [] for name in DESCRIPTIONS}
    for found in findings:
        grouped[family(found.code)].append(found)
    return grouped
