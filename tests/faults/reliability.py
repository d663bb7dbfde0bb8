"""docs/reliability.md: what the tests of faults measured. A test says a row; the page is written at the end of the run.

Without ROSTERHUB_RELIABILITY, the path to write to, a run only prints the table.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import machine

VARIABLE = "ROSTERHUB_RELIABILITY"

_OPENING = """\
# When something breaks

Written by `make test-faults`: real servers are killed, cut off and filled up while clients read, and each test asserts
that nothing is lost but what its row says. Seconds are those of one run on a small and busy machine, with a small
district. What to do in each case is in [the operators' guide](operator.md).

{machine}.

| fault | what clients saw | lost | recovery |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Row:
    """One fault: what readers and writers met, what was lost, how long it took until all was well."""

    fault: str
    saw: str
    lost: str
    recovery: str

    def __str__(self) -> str:
        return f"| {self.fault} | {self.saw} | {self.lost} | {self.recovery} |"


@dataclass
class Report:
    """The rows of a run, and what it left out and why."""

    rows: list[Row] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def tell(self, fault: str, *, saw: str, lost: str = "nothing", recovery: str) -> None:
        """Add a row."""
        self.rows.append(Row(fault, saw, lost, recovery))

    def page(self) -> str:
        """The whole document."""
        left_out = "".join(f"- {reason}\n" for reason in sorted(set(self.skipped)))
        ending = f"\nNot measured in this run:\n\n{left_out}" if left_out else ""
        return _OPENING.format(machine=_machine()) + "".join(f"{row}\n" for row in self.rows) + ending

    def write(self, path: Path) -> None:
        """Replace the document; a run that measured nothing leaves it."""
        if self.rows:
            path.write_text(self.page())


def _machine() -> str:
    facts = machine.facts()
    day = time.strftime("%-d %B %Y", time.gmtime())
    return f"{day}; {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']}"
