"""A sync gives way to the processes beside it."""

import os
import subprocess
import sys

PROGRAM = """
import os
from pipelines.priority import give_way
give_way(), give_way()
print(os.getpriority(os.PRIO_PROCESS, 0))
"""


def priority_after(start: int) -> int:
    """In a process of its own: a lowered priority cannot be raised again."""
    command = [sys.executable, "-c", f"import os; os.nice({start})\n{PROGRAM}"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def test_it_lets_others_go_first() -> None:
    assert priority_after(0) == max(10, os.getpriority(os.PRIO_PROCESS, 0))


def test_what_gives_way_already_stays_there() -> None:
    assert priority_after(15) >= 15
