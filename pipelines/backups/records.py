"""What is told of backups in the roster database, for those who cannot see the shelf: the API's health and metrics.

The shelf is the truth. That a row cannot be written loses no backup.
"""

import logging
from typing import Any

import psycopg
from psycopg import sql

from pipelines import contract
from pipelines.backups.shelf import Backup
from pipelines.connecting import connect
from pipelines.settings import Settings

log = logging.getLogger(__name__)

_TABLE = sql.Identifier(contract.BACKUPS)


def tell(settings: Settings, made: Backup) -> bool:
    """Write or renew a backup's row; whether that could be done."""
    try:
        with connect(settings.require_backup_url(), autocommit=True) as connection:
            _write(connection, _row(made))
    except psycopg.Error as error:
        log.warning("the backup %s is there, but its row in %s is not: %s", made.name, contract.BACKUPS, error)
        return False
    return True


def _row(made: Backup) -> dict[str, Any]:
    return {
        "created_at": made.created_at,
        "seconds": made.seconds,
        "bytes": made.size,
        "rows": made.rows,
        "path": str(made.path),
        "drilled_at": made.drilled_at,
        "drill_seconds": made.drill_seconds,
        "is_good": made.is_good,
    }


def _write(connection: psycopg.Connection, row: dict[str, Any]) -> None:
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in row
    )
    renew = sql.SQL("UPDATE {} SET {} WHERE path = %(path)s").format(_TABLE, assignments)
    if connection.execute(renew, row).rowcount == 0:
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        values = sql.SQL(", ").join(map(sql.Placeholder, row))
        connection.execute(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(_TABLE, names, values), row)
