"""Errors that an operator can put right, as failures of a run: what the message says, without a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from pipelines.errors import DependencyAway, RosterHubError


@contextmanager
def plainly() -> Iterator[None]:
    """Turn a RosterHubError into a Failure with its message; only what may pass by itself is worth a retry."""
    try:
        yield
    except RosterHubError as error:
        raise dg.Failure(str(error), allow_retries=isinstance(error, DependencyAway)) from None
