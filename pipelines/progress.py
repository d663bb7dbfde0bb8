"""What long work tells of the step that it is at. How that is shown is its caller's matter."""

from collections.abc import Callable

Progress = Callable[[str], None]


def silent(step: str) -> None:
    """Progress that nobody watches."""
