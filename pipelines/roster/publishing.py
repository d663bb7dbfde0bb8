"""Publishing: a staged bundle into the store in one transaction, or not at all.

Readers are never blocked and never shown half a bundle; a crash before the commit leaves the last generation served.
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from pipelines.connecting import connect
from pipelines.errors import DependencyAway
from pipelines.findings import Finding, refuses
from pipelines.handover import Bundle, Publication, StagedBundle
from pipelines.oneroster.manifest import Mode, Version
from pipelines.progress import Progress, silent
from pipelines.roster import (
    applying,
    ledger,
    purging,
    recording,
    references,
    resolving,
    semantics,
    totals,
    verdict,
    waiting,
)
from pipelines.roster.changes import EntityChanges, changes_of, ignored_rows
from pipelines.roster.derivations import derive
from pipelines.roster.guard import Thresholds, objections
from pipelines.roster.judgement import Judgement, opened
from pipelines.roster.owners import sessions_of_other_type, touched_owners
from pipelines.roster.store import NoStore, PostgresStore, Store

Gate = Callable[[], Sequence[Finding]]


@dataclass
class Work:
    """One publishing of one bundle: who, what, and how long its stages took."""

    connection: psycopg.Connection
    source: str
    staged: StagedBundle
    arrival: str
    run_id: str | None
    thresholds: Thresholds
    progress: Progress
    gate: Gate
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.progress(name)
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 3)

    @property
    def judged_by(self) -> str:
        return _judged_by(self.staged, self.thresholds)


def _judged_by(bundle: Bundle | StagedBundle, thresholds: Thresholds) -> str:
    """What, beside the content, decides how a bundle is published: the rules and the settings."""
    settings = {"rules": ledger.RULES_VERSION, "strict": bundle.strict, "japan": bundle.japan}
    return hashlib.sha256(json.dumps(settings | asdict(thresholds)).encode()).hexdigest()[:16]


def is_served(database_url: str, source: str, bundle: Bundle, thresholds: Thresholds | None = None) -> bool:
    """Whether exactly this content is what the source serves now, so that staging it can be spared."""
    with connect(database_url) as connection:
        last = ledger.last_published(connection, source)
    return _is_what_is_served(last, bundle.fingerprint, _judged_by(bundle, thresholds or Thresholds()))


def _is_what_is_served(last: dict[str, Any] | None, fingerprint: str, judged_by: str) -> bool:
    return last is not None and (last["fingerprint"], last["judged_by"]) == (fingerprint, judged_by)


def publish(  # noqa: PLR0913  what is published, where, for whom
    database_url: str,
    source: str,
    staged: StagedBundle,
    *,
    arrival: str,
    run_id: str | None = None,
    accept: str | None = None,
    thresholds: Thresholds | None = None,
    progress: Progress | None = None,
    gate: Gate = lambda: (),
) -> Publication:
    """Publish a staged bundle as the source's next generation, or say why not (see `handover.Publication`).

    `gate` is asked before the commit, so that it may judge the rows while they are written; what refuses the bundle
    takes everything back.

    `accept` is the fingerprint of a held bundle that somebody decided to publish all the same; Refused is raised where
    that no longer means what they saw. DependencyAway is raised where the database does not answer.
    """
    try:
        with connect(database_url) as connection:
            work = Work(
                connection,
                source,
                staged,
                arrival,
                run_id,
                thresholds or Thresholds(),
                progress or silent,
                gate,
            )
            if not ledger.lock_source(connection, source):
                work.progress(f"waiting for a running publication of {source}")
                ledger.wait_for_source(connection, source)
            with tempfile.TemporaryDirectory(prefix="rosterhub-") as workspace:
                return _publish(work, accept, Path(workspace))
    except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
        raise DependencyAway(
            f"another transaction was in the way of publishing {source}; nothing was published, run it again: {error}"
        ) from error
    except psycopg.OperationalError as error:
        raise DependencyAway(
            f"PostgreSQL went away while publishing {source}; nothing was published: {error}"
        ) from error


def judge_alone(staged: StagedBundle) -> Judgement:
    """The verdict that `rosterhub check` gives without a store: references within the bundle only."""
    judgement = _judged(staged, NoStore(), alone=True)
    judgement.findings += verdict.too_many_rejected(judgement, Thresholds())
    return judgement


def preview(database_url: str, source: str, staged: StagedBundle) -> dict[str, EntityChanges]:
    """The change set that publishing would make; nothing is written."""
    with connect(database_url) as connection, tempfile.TemporaryDirectory(prefix="rosterhub-") as workspace:
        connection.read_only = True
        judgement = _judged(staged, PostgresStore(connection, source, Path(workspace)))
        return changes_of(judgement)


def _publish(work: Work, accept: str | None, workspace: Path) -> Publication:
    last = ledger.last_published(work.connection, work.source)
    if work.staged.refused:
        return _end(work, "rejected", reasons=verdict.why_refused(work.staged.all_findings))
    served = _is_what_is_served(last, work.staged.fingerprint, work.judged_by)
    if served and not purging.is_due(work.connection, work.source):
        return _end(work, "unchanged")
    if not accept and (waits_for := verdict.held_before(work.connection, work.source, work.staged)):
        return _answer(work, "held", reasons=(waits_for,))
    staged = waiting.take_up(work.connection, work.source, work.staged, workspace)
    with work.stage("references"):
        judgement = _judged(staged, PostgresStore(work.connection, work.source, workspace))
    refusals = verdict.too_many_rejected(judgement, work.thresholds)
    judgement.findings += refusals
    if refuses(judgement.findings):
        return _end(work, "rejected", judgement, reasons=verdict.why_refused(judgement.findings))
    with work.stage("changes"):
        changes = changes_of(judgement)
        judgement.findings += [found for changed in changes.values() for found in ignored_rows(changed)]
    against = objections(changes, work.staged.version, last["version"] if last else None, work.thresholds)
    if against and accept != work.staged.fingerprint:
        return _end(work, "held", judgement, changes, tuple(against))
    if against and accept:
        verdict.check_acceptance(work.connection, work.source, accept, changes)
    return _apply(work, judgement, changes)


def _judged(staged: StagedBundle, store: Store, alone: bool = False) -> Judgement:
    judgement = opened(staged, store, alone)
    if staged.version is Version.V1P1:
        judgement.rows = derive(judgement.rows, store)
    references.judge(judgement)
    semantics.remark(judgement)
    return judgement


def _apply(work: Work, judgement: Judgement, changes: dict[str, EntityChanges]) -> Publication:
    publication = ledger.new_publication_id(work.connection)
    owners = touched_owners(changes, judgement)
    with work.stage("writing"):
        applying.queue_for_first_rows(work.connection, changes.values(), work.progress)
        for name, changed in changes.items():
            work.progress(f"writing {name}")
            applying.apply(work.connection, work.source, publication, changed)
        moved = applying.touch(work.connection, work.source, publication, owners)
        bulk = [name for name in changes if judgement.mode(name) is Mode.BULK]
        moved += resolving.resolve_stored(work.connection, work.source, publication, bulk)
        if sessions := sessions_of_other_type(changes):
            resolving.touch_by_session_type(work.connection, work.source, publication, sessions)
        purged = purging.purge(work.connection, work.source)
        moved += sum(map(len, purged.values()))
        waiting.put_aside(work.connection, work.source, judgement.staged, judgement.waiting)
    with work.stage("gate"):
        judgement.findings += work.gate()
    if refuses(judgement.findings):
        work.connection.rollback()
        return _end(work, "rejected", judgement, reasons=verdict.why_refused(judgement.findings))
    if not moved and not any(changed.touches_records for changed in changes.values()):
        return _end(work, "unchanged", judgement, changes, publication_id=publication)
    with work.stage("recording"):
        recording.record(work.connection, work.source, publication, changes, purged)
        totals.count(work.connection, work.source)
    return _end(work, "published", judgement, changes, publication_id=publication)


def _end(
    work: Work,
    outcome: str,
    judgement: Judgement | None = None,
    changes: dict[str, EntityChanges] | None = None,
    reasons: tuple[str, ...] = (),
    publication_id: int | None = None,
) -> Publication:
    """Record how it ended and commit."""
    answer = _answer(work, outcome, judgement, changes, reasons)
    ledger.record(
        work.connection,
        answer,
        publication_id=publication_id,
        judged_by=work.judged_by,
        arrival=work.arrival,
        version=work.staged.version.value,
        run_id=work.run_id,
    )
    if answer.needs_bulk:
        ledger.mark_needs_bulk(work.connection, work.source)
    work.connection.commit()
    return answer


def _answer(
    work: Work,
    outcome: str,
    judgement: Judgement | None = None,
    changes: dict[str, EntityChanges] | None = None,
    reasons: tuple[str, ...] = (),
) -> Publication:
    generation = ledger.generation_of(work.connection, work.source)
    return Publication(
        outcome=outcome,
        source=work.source,
        generation=generation + (outcome == "published"),
        fingerprint=work.staged.fingerprint,
        entities={name: changed.counts for name, changed in (changes or {}).items()},
        findings=tuple(judgement.findings) if judgement else (),
        reasons=reasons,
        seconds=work.seconds,
        needs_bulk=verdict.needs_bulk(work.connection, work.source, outcome, work.staged, judgement),
    )
