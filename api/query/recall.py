"""What readers remember between requests: things that never change for a revision of the data, which is in every key.

How they are found is the readers' matter.
"""

from typing import Any

from api.memory import Costly, Memory
from api.query.landmarks import Landmarks
from api.sources import Revision


class Recall:
    """Of one worker process, for all of its readers. Safe between threads."""

    def __init__(self) -> None:
        self.totals: Costly[tuple[object, ...], int] = Costly(10_000)
        self.moments: Memory[tuple[Revision, int], str] = Memory(100_000)
        self.landmarks: Memory[tuple[object, ...], Landmarks] = Memory(100)  # of hundreds of kB, those of long lists
        self.empty: Memory[tuple[Revision, str], bool] = Memory(1_000)
        self.views: Costly[tuple[Revision, tuple[str, ...]], dict[str, Any]] = Costly(30)  # of megabytes, some
