"""A progress line on the terminal's error stream: what is being done, for how long. Nothing where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.progress import Progress, silent


@contextmanager
def progress_line(what: str) -> Iterator[Progress]:
    """A callable that shows the current step beside a spinner and the time passed."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what)
        yield lambda step: bar.update(task, description=f"{what}: {step}")
