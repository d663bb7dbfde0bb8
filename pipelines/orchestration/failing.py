"""Errors that an operator can put right, as failures of a run: what the message says, without a traceback.

Only what may pass by itself is tried again: a server that is away. A refused bundle or a bug would fail again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import psycopg

from pipelines.connecting import denied
from pipelines.errors import DependencyAway, RosterHubError

# Some 5, 10, 20 and 40 seconds: a restart or a failover of PostgreSQL is over by then.
PATIENCE = dg.RetryPolicy(max_retries=4, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


@contextmanager
def plainly() -> Iterator[None]:
    """Turn errors into Failures that say whether PATIENCE may try again; a bug alone keeps its traceback."""
    try:
        yield
    except RosterHubError as error:
        raise dg.Failure(str(error), allow_retries=isinstance(error, DependencyAway)) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise dg.Failure(str(denied(error)), allow_retries=False) from None
    except psycopg.OperationalError as error:
        raise dg.Failure(f"PostgreSQL is away: {error}", allow_retries=True) from None
    except dg.Failure:
        raise
    except Exception as error:
        raise dg.Failure(f"unexpected {type(error).__name__}", allow_retries=False) from error
