"""Landing, staging and publishing put together: what `rosterhub sync` does and the Dagster assets call one by one.

No step's own work is here, and no Dagster.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from pipelines import contract, quality, workspaces
from pipelines.connecting import connected
from pipelines.errors import Refused
from pipelines.findings import Finding
from pipelines.handover import Bundle, Publication, StagedBundle
from pipelines.landing.archives import Limits
from pipelines.landing.arrivals import Arrival, arrival_at, arrivals
from pipelines.landing.opening import open_bundle
from pipelines.progress import Progress
from pipelines.roster.ledger import arrivals_seen, generation_of, last_held, last_published
from pipelines.roster.publishing import is_served, publish
from pipelines.settings import Settings
from pipelines.source_settings import of_source
from pipelines.staged.staging import stage, summarise


def sync(
    settings: Settings,
    source: str,
    bundle: Path | None = None,
    accept: str | None = None,
    run_id: str | None = None,
    progress: Progress | None = None,
) -> Publication:
    """Take the source's oldest unprocessed bundle (or the one named) through every step; where none waits: unchanged.

    After an accepted bundle, the deltas that waited behind it follow in their order; the last outcome is returned.
    Raises Refused for what cannot be a bundle at all, DependencyAway where the database is not there.
    """
    arrival = choose(settings, source, bundle, accept)
    if arrival is None:
        return _nothing_new(settings, source)
    publication = _sync_arrival(settings, source, arrival, accept, run_id, progress)
    while accept and publication.outcome in {"published", "unchanged"}:
        following = next_arrival(settings, source)
        if following is None:
            break
        publication = _sync_arrival(settings, source, following, None, run_id, progress)
    return publication


def choose(settings: Settings, source: str, bundle: Path | None = None, accept: str | None = None) -> Arrival | None:
    """The arrival to take: the bundle named, the held one that is accepted, or the oldest unprocessed; else none."""
    if not contract.is_source_name(source):
        raise Refused(f'"{source}" is no source name: use a-z, 0-9 and _, beginning with a letter or digit')
    if bundle is None:
        return _held_arrival(settings, source, accept) if accept else next_arrival(settings, source)
    if not bundle.exists():
        raise Refused(f"{bundle} does not exist; give the path of a folder or a zip")
    return arrival_at(bundle, settings.landing)


def next_arrival(settings: Settings, source: str) -> Arrival | None:
    """The source's oldest complete arrival that the ledger has not seen."""
    waiting = arrivals(settings.landing, source, settings.stable_seconds)
    if not waiting:
        return None
    with connected(settings.require_database_url()) as connection:
        seen = arrivals_seen(connection, source)
    return next((arrival for arrival in waiting if arrival.key not in seen), None)


def _held_arrival(settings: Settings, source: str, fingerprint: str) -> Arrival:
    with connected(settings.require_database_url()) as connection:
        held = last_held(connection, source, fingerprint)
    if held is None:
        raise Refused(f"no bundle with fingerprint {fingerprint} is held for {source}")
    for arrival in arrivals(settings.landing, source, settings.stable_seconds):
        if arrival.key == held["arrival"]:
            return arrival
    raise Refused(f"the held bundle no longer lies in {settings.landing / source}; name it with --bundle")


def _nothing_new(settings: Settings, source: str) -> Publication:
    """What is served stays served. A source that nothing was ever delivered for is a mistake in its name."""
    with connected(settings.require_database_url()) as connection:
        served, generation = last_published(connection, source), generation_of(connection, source)
    folder = settings.landing / source
    if served is None and not folder.is_dir():
        raise Refused(f"{source} has no folder in {settings.landing}; put its bundles there, or name one with --bundle")
    return Publication("unchanged", source, generation, served["fingerprint"] if served else "")


def open_arrival(settings: Settings, source: str, arrival: Arrival, workspace: Path) -> Bundle:
    """Open an arrival of a source as the settings of both say."""
    limits = Limits(settings.max_unpacked_bytes, settings.max_entries, settings.max_ratio)
    own = of_source(settings.sources_file, source)
    return open_bundle(arrival.path, workspace, limits, own.strict, own.profile, own.encoding)


def announce(settings: Settings, publication: Publication) -> None:
    """Tell whoever listens on Redis that a source has a new generation. PostgreSQL is the truth; this may be lost."""
    if publication.outcome != "published" or not settings.redis_url:
        return
    import redis  # takes a fifth of a second, which a sync that finds nothing new need not spend

    try:
        with redis.Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1) as client:
            client.publish(contract.GENERATION_CHANNEL, f"{publication.source} {publication.generation}")
    except redis.RedisError:
        return


def _sync_arrival(
    settings: Settings,
    source: str,
    arrival: Arrival,
    accept: str | None,
    run_id: str | None,
    progress: Progress | None,
) -> Publication:
    thresholds = of_source(settings.sources_file, source).thresholds
    with workspaces.opened(settings.home / "syncs", source) as folder, ThreadPoolExecutor(1) as beside:
        began = time.perf_counter()
        staged = _staged(settings, source, arrival, folder, progress)
        seconds = {"staging": round(time.perf_counter() - began, 3)}
        publication = publish(
            settings.require_database_url(),
            source,
            staged,
            arrival=arrival.key,
            run_id=run_id,
            accept=accept,
            thresholds=thresholds,
            progress=progress,
            gate=_gate(staged, beside),
        )
    announce(settings, publication)
    findings = (*staged.all_findings, *publication.findings)
    return replace(publication, seconds=seconds | publication.seconds, findings=findings)


def _staged(settings: Settings, source: str, arrival: Arrival, folder: Path, progress: Progress | None) -> StagedBundle:
    """The arrival staged. What is served already goes on without its rows: nothing will be done."""
    opened = open_arrival(settings, source, arrival, folder)
    if is_served(settings.require_database_url(), source, opened, of_source(settings.sources_file, source).thresholds):
        return summarise(opened, {}, folder)
    return stage(opened, folder / "staged", progress)


def _gate(staged: StagedBundle, beside: Executor) -> Callable[[], Sequence[Finding]]:
    """The gate, judging beside the publishing that waits for it before the commit: its import alone takes seconds."""
    if staged.refused or not staged.files:
        return lambda: ()
    judgements = beside.submit(quality.judge, staged)
    return lambda: quality.findings(judgements.result())


def stage_arrival(
    settings: Settings, source: str, arrival: Arrival, workspace: Path, progress: Progress | None = None
) -> StagedBundle:
    """Open and stage an arrival in a folder that the caller removes."""
    opened = open_arrival(settings, source, arrival, workspace)
    return stage(opened, workspace / "staged", progress)
