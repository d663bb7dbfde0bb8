"""The ledger: one row per arrival that was judged, and the generation each source is at."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from pipelines.handover import Publication

# Raised whenever a rule changes what is accepted or how it is stored: the same bundle is then judged again.
RULES_VERSION = "2"


def lock_source(connection: psycopg.Connection, source: str) -> bool:
    """Take the source's lock for this transaction if it is free; whether it was."""
    row = connection.execute(
        "SELECT pg_try_advisory_xact_lock(hashtext('rosterhub source'), hashtext(%s))", (source,)
    ).fetchone()
    return bool(row and row[0])


def wait_for_source(connection: psycopg.Connection, source: str) -> None:
    """Wait for whoever publishes that source, then hold its lock for this transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('rosterhub source'), hashtext(%s))", (source,))


def generation_of(connection: psycopg.Connection, source: str) -> int:
    """The generation that readers see; 0 before the first publication."""
    row = connection.execute("SELECT generation FROM sources WHERE source = %s", (source,)).fetchone()
    return row[0] if row else 0


def last_published(connection: psycopg.Connection, source: str) -> dict[str, Any] | None:
    """The ledger row of what is now served."""
    return _one(
        connection,
        "SELECT p.* FROM sources s JOIN publications p ON p.id = s.publication_id WHERE s.source = %s",
        source,
    )


def last_held(connection: psycopg.Connection, source: str, fingerprint: str) -> dict[str, Any] | None:
    """The newest ledger row in which that content was held."""
    return _one(
        connection,
        "SELECT * FROM publications WHERE source = %s AND fingerprint = %s AND outcome = 'held'"
        " ORDER BY id DESC LIMIT 1",
        source,
        fingerprint,
    )


def arrivals_seen(connection: psycopg.Connection, source: str) -> set[str]:
    """The keys of all arrivals of the source that were judged, however that ended."""
    rows = connection.execute("SELECT arrival FROM publications WHERE source = %s", (source,))
    return {row[0] for row in rows}


def new_publication_id(connection: psycopg.Connection) -> int:
    """The id that the rows of a publication carry; taken before its ledger row is written."""
    row = connection.execute("SELECT nextval(pg_get_serial_sequence('publications', 'id'))").fetchone()
    assert row is not None  # noqa: S101  nextval always answers
    return row[0]


def record(
    connection: psycopg.Connection,
    publication: Publication,
    *,
    publication_id: int | None,
    judged_by: str,
    arrival: str,
    version: str,
    run_id: str | None,
) -> None:
    """Write the ledger row; for a publication also its moment and the source's new generation.

    The moment is taken here, as the last act before the commit: a full second, and later than the source's previous
    one. A client that polls by its own clock then misses nothing: it cannot have asked after that moment and still have
    been shown what was before.
    """
    published = publication.outcome == "published"
    moment = _moment(connection, publication.source) if published else None
    row = connection.execute(
        "INSERT INTO publications (id, source, outcome, generation, moment, fingerprint, judged_by, arrival, version,"
        " run_id, counts, reasons, seconds)"
        " VALUES (coalesce(%s, nextval(pg_get_serial_sequence('publications', 'id'))),"
        " %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (
            publication_id,
            publication.source,
            publication.outcome,
            publication.generation,
            moment,
            publication.fingerprint,
            judged_by,
            arrival,
            version,
            run_id,
            json.dumps({name: asdict(change) for name, change in publication.entities.items()}),
            json.dumps(publication.reasons),
            json.dumps(publication.seconds),
        ),
    ).fetchone()
    if published and row:
        _serve(connection, publication, row[0], moment)


def _moment(connection: psycopg.Connection, source: str) -> datetime:
    """One to two seconds from now: until it comes, the commit takes its time and the API may show what it remembers
    (contract.GENERATION_REMEMBERED_SECONDS)."""
    row = connection.execute(
        "SELECT greatest(date_trunc('second', clock_timestamp()) + interval '2 seconds',"
        " (SELECT max(moment) FROM publications WHERE source = %s) + interval '1 second')",
        (source,),
    ).fetchone()
    assert row is not None  # noqa: S101  an aggregate always answers
    return row[0]


def _serve(connection: psycopg.Connection, publication: Publication, publication_id: int, moment: Any) -> None:
    connection.execute(
        "INSERT INTO sources (source, generation, publication_id, needs_bulk, first_published_at)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (source) DO UPDATE SET generation = excluded.generation,"
        " publication_id = excluded.publication_id, needs_bulk = excluded.needs_bulk",
        (publication.source, publication.generation, publication_id, publication.needs_bulk, moment),
    )


def mark_needs_bulk(connection: psycopg.Connection, source: str) -> None:
    """Deltas never repeat: a rejected delta row can only come back with a bulk file."""
    connection.execute(
        "INSERT INTO sources (source, needs_bulk) VALUES (%s, true)"
        " ON CONFLICT (source) DO UPDATE SET needs_bulk = true",
        (source,),
    )


def _one(connection: psycopg.Connection, query: str, *values: Any) -> dict[str, Any] | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), values).fetchone()
