"""A sync in a process of its own that comes to a step and stays there, so that a test can end it at that moment.

Called with the source and the step; settings come from the environment. Says so on its output when it is there.
"""

import signal
import sys

from pipelines import syncing
from pipelines.settings import load

THERE = "there"


def main() -> None:
    """Sync, and stay at the step until whoever started this closes its end of the input."""
    source, step = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background has it ignored

    def stay(done: str) -> None:
        if done == step:
            print(THERE, flush=True)
            sys.stdin.read()

    syncing.sync(load(dotenv=None), source, progress=stay)


if __name__ == "__main__":
    main()
