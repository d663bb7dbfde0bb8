"""The roster database under examination: version, migrations, clock, connections, backups, maintenance."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from pipelines import contract
from pipelines.backups import programs
from pipelines.doctor import encryption, rights
from pipelines.doctor.diagnosis import Diagnosis, fail, graded, ok, warn
from pipelines.errors import DependencyAway
from pipelines.roster import migrations
from pipelines.settings import Settings

OLDEST_MAJOR = 15
_CLOCK_WARNS, _CLOCK_FAILS = 2, 30  # seconds
_CONNECTIONS_WARN, _CONNECTIONS_FAIL = 0.8, 0.95
_BACKUP_WARNS = timedelta(hours=26)
_MIGRATE = "run `rosterhub migrate`"


def version(connection: psycopg.Connection, settings: Settings) -> Diagnosis:
    """The server is one that we support."""
    major = connection.info.server_version // 10_000
    found = f"PostgreSQL {major} at {connection.info.host}:{connection.info.port}"
    if major < OLDEST_MAJOR:
        return fail("database", found, f"upgrade the server: {OLDEST_MAJOR} is the oldest that works")
    return ok("database", found)


def client_programs(connection: psycopg.Connection, settings: Settings) -> Diagnosis:
    """pg_dump and the like are there and not older than the server."""
    try:
        fitting = programs.fitting(connection, settings.pg_bin)
    except DependencyAway as away:
        return fail("client programs", "none fit the server, so there will be no backups", str(away))
    return ok("client programs", f"version {fitting.major} in {fitting.folder}")


def migrated(connection: psycopg.Connection, settings: Settings) -> Diagnosis:
    """The schema is this version's."""
    ours, theirs = migrations.newest(), migrations.current(connection)
    found = f"the schema is at {theirs or 'nothing'}, this version's at {ours}"
    if theirs == ours:
        return ok("migrations", found)
    if theirs and theirs > ours:
        return warn("migrations", found, "this program is older than the schema: upgrade it too")
    return fail("migrations", found, _MIGRATE)


def clock(connection: psycopg.Connection, settings: Settings) -> Diagnosis:
    """The server's clock and ours: moments of publications are the server's, ages are reckoned here."""
    theirs: datetime = _one(connection, "SELECT clock_timestamp()")
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    return graded(
        "clock",
        f"{apart:.1f} s apart from the database's",
        "let both machines follow a time server (chrony, systemd-timesyncd)",
        fails=apart > _CLOCK_FAILS,
        warns=apart > _CLOCK_WARNS,
    )


def connections(connection: psycopg.Connection, settings: Settings) -> Diagnosis:
    """Connections left."""
    used = _one(connection, "SELECT sum(numbackends)::int FROM pg_stat_database")
    limit = _one(connection, "SELECT current_setting('max_connections')::int")
    return graded(
        "connections",
        f"{used} of {limit} in use",
        "see `rosterhub db activity`; raise max_connections, or lower ROSTERHUB_API_POOL_SIZE",
        fails=used > _CONNECTIONS_FAIL * limit,
        warns=used > _CONNECTIONS_WARN * limit,
    )


def backup(connection: psycopg.Connection, settings: Settings) -> Diagnosis:
    """The newest backup that restored is of last night."""
    remedy = "make one with `rosterhub backup create`, and look why the nightly one is missing in Dagster"
    try:
        made = _one(connection, f"SELECT max(created_at) FROM {contract.BACKUPS} WHERE is_good")  # noqa: S608
    except psycopg.errors.UndefinedTable:
        return warn("backup", "unknown before the migration", _MIGRATE)
    if made is None:
        return warn("backup", "there is none that restored", remedy)
    age = datetime.now(UTC) - made
    found = f"the newest good one is {age.total_seconds() / 3600:.1f} hours old"
    return warn("backup", found, remedy) if age > _BACKUP_WARNS else ok("backup", found)


def maintenance(connection: psycopg.Connection, settings: Settings) -> Diagnosis:
    """Nobody forgot to end maintenance."""
    if settings.maintenance_mode:
        return warn("maintenance", "MAINTENANCE_MODE is on", "unset it and restart when the work is done")
    try:
        reason = _one(connection, sql.SQL("SELECT reason FROM {}").format(sql.Identifier(contract.MAINTENANCE)))
    except psycopg.errors.UndefinedTable:
        return warn("maintenance", "unknown before the migration", _MIGRATE)
    if reason is None:
        return ok("maintenance", "off")
    return warn("maintenance", f"on: {reason}", "end it with `rosterhub maintenance off`")


CHECKS: tuple[Callable[[psycopg.Connection, Settings], Diagnosis], ...] = (
    version,
    encryption.postgres,
    client_programs,
    migrated,
    rights.grants,
    rights.logins,
    clock,
    connections,
    backup,
    maintenance,
)


def _one(connection: psycopg.Connection, query: str | sql.Composed, *values: object) -> Any:
    """The first column of the first row; None if there is no row."""
    statement = query.encode() if isinstance(query, str) else query
    row = connection.execute(statement, values or None).fetchone()
    return row[0] if row else None
