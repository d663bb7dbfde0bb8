"""How much of a machine's time the work may take that nobody waits for: syncs give way to the API beside them."""

import os
from contextlib import suppress

BEHIND_READS = 10  # of 19; readers come first, and where nobody reads it costs nothing


def give_way() -> None:
    """Let other processes go first from now on. Asked again it changes nothing; where a system knows no such thing,
    or a process may not, everything stays as it is."""
    with suppress(AttributeError, OSError):
        if os.getpriority(os.PRIO_PROCESS, 0) < BEHIND_READS:
            os.setpriority(os.PRIO_PROCESS, 0, BEHIND_READS)
