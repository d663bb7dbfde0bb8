"""The second half of the verdict on a bundle: why it is refused or held, and whether somebody may let it through.

Only judged here; the ledger's rows are written by publishing.
"""

from collections.abc import Iterable
from dataclasses import asdict

import psycopg

from pipelines.errors import Refused
from pipelines.findings import Finding, Severity, finding
from pipelines.handover import StagedBundle
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import BY_NAME
from pipelines.roster import ledger
from pipelines.roster.changes import EntityChanges
from pipelines.roster.guard import Thresholds
from pipelines.roster.judgement import Judgement


def needs_bulk(
    connection: psycopg.Connection, source: str, outcome: str, staged: StagedBundle, judgement: Judgement | None
) -> bool:
    """Whether only a bulk file can bring what is missing: a delta, or a row of one, was rejected now, or was before and
    no bulk of the core files has come since."""
    if outcome == "rejected" and any(file.mode is Mode.DELTA for file in staged.files.values()):
        return True
    if judgement is None or outcome not in {"published", "unchanged"}:
        return _needed_before(connection, source)
    names = judgement.staged.files
    if any(judgement.mode(name) is Mode.DELTA and len(judgement.rejected[name]) for name in names):
        return True
    all_bulk = all(judgement.mode(name) is Mode.BULK for name in BY_NAME if BY_NAME[name].core)
    return _needed_before(connection, source) and not all_bulk


def _needed_before(connection: psycopg.Connection, source: str) -> bool:
    row = connection.execute("SELECT needs_bulk FROM sources WHERE source = %s", (source,)).fetchone()
    return bool(row and row[0])


def too_many_rejected(judgement: Judgement, thresholds: Thresholds) -> list[Finding]:
    """A core file of which more than the share is rejected, cascades included, refuses the bundle."""
    found = []
    for name, file in judgement.staged.files.items():
        rejected, total = len(judgement.rejected[name]), file.accepted + file.rejected
        if BY_NAME[name].core and total and rejected > thresholds.rejected_share * total:
            limit = round(100 * thresholds.rejected_share)
            found.append(
                finding(
                    "too_many_rejected",
                    Severity.ERROR,
                    f"{name}.csv",
                    rejects_bundle=True,
                    rejected=rejected,
                    total=total,
                    limit=limit,
                )
            )
    return found


def why_refused(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The findings that keep the bundle from being published, as reasons."""
    return tuple(f"{found.file}: {found.message}" for found in findings if found.rejects_bundle)


def held_before(connection: psycopg.Connection, source: str, staged: StagedBundle) -> str:
    """Why a delta has to wait: an earlier bundle is held, and changes apply in their order. "" if it need not."""
    if all(file.mode is Mode.BULK for file in staged.files.values()):
        return ""
    row = connection.execute(
        "SELECT fingerprint FROM publications WHERE source = %s AND outcome = 'held'"
        " AND id > coalesce((SELECT publication_id FROM sources WHERE source = %s), 0) ORDER BY id DESC LIMIT 1",
        (source, source),
    ).fetchone()
    if row is None or row[0] == staged.fingerprint:
        return ""
    return f"It waits behind the held bundle {row[0]}: accept that one, or deliver a full bulk bundle."


def check_acceptance(
    connection: psycopg.Connection, source: str, fingerprint: str, changes: dict[str, EntityChanges]
) -> None:
    """Raise Refused unless that acceptance means exactly this: a held bundle of that content, nothing newer published
    since, and the same counts of changes."""
    held, last = ledger.last_held(connection, source, fingerprint), ledger.last_published(connection, source)
    if held is None:
        raise Refused(
            f"No bundle with fingerprint {fingerprint} is held for {source}. Run the sync without --accept first."
        )
    if last and last["id"] > held["id"]:
        raise Refused(f"Something newer was published for {source} since that bundle was held. Sync it again first.")
    counts = {name: asdict(changed.counts) for name, changed in changes.items()}
    if counts != held["counts"]:
        raise Refused(f"What the bundle would change in {source} is no longer what was held. Sync it again first.")
