"""Tables that a migration needs for itself: asked for briefly and again, and then whoever holds them is named.

A migration that waits for the end of a long read is worse than that read: whoever wants the table after it queues
behind it, readers too. So it waits for seconds only, and lets everybody through before it asks again.
"""

import time
from collections.abc import Callable

import psycopg

from pipelines.errors import Refused, some

WAIT_SECONDS = 2.0  # for a table: readers wait for as long, which is less than the API grants them
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds between the attempts

# Whoever was in the way had begun before the last wait did. Of other users' sessions a plain user is not told when
# they began.
_HOLDERS = """
SELECT a.pid, coalesce(a.usename, a.backend_type), coalesce(a.application_name, ''),
  extract(epoch FROM clock_timestamp() - a.xact_start)::int, array_agg(DISTINCT c.relname::text)
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid() AND a.datname = current_database()
  AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
  AND coalesce(a.xact_start < clock_timestamp() - make_interval(secs => %s), true)
GROUP BY 1, 2, 3, a.xact_start ORDER BY a.xact_start NULLS LAST
"""


def attempt(connection: psycopg.Connection, work: Callable[[], None]) -> None:
    """Do work that ends with LockNotAvailable where a table is held for long, and then has changed nothing.

    Refused after the last attempt; `connection` is asked who holds tables.
    """
    for pause in PAUSES:
        try:
            return work()
        except psycopg.errors.LockNotAvailable:
            time.sleep(pause)
    try:
        return work()
    except psycopg.errors.LockNotAvailable:
        raise Refused(_sentence(connection)) from None


def _sentence(connection: psycopg.Connection) -> str:
    found = connection.execute(_HOLDERS, [WAIT_SECONDS]).fetchall()
    users = "; ".join(_described(*row) for row in found) or "nobody any more"
    return (
        "the migration needs a table for itself that is in use, and gave up, so that readers need not wait behind it; "
        f"nothing was changed. In use by {users}. Run it again when that has ended, or end it: rosterhub db terminate "
        f"{found[0][0] if found else 'PROCESS'}"
    )


def _described(pid: int, user: str, application: str, seconds: int | None, tables: list[str]) -> str:
    who = f"process {pid} ({', '.join(filter(None, (user, application)))})"
    since = f" for {seconds} s" if seconds is not None else ""
    return f"{who}{since}: {some(tables)}"
