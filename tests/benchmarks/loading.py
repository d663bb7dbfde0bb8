"""The measures of loading, in rounds: each round has both anchors and every kind of sync, so that what disturbs the
machine for a while disturbs all of them alike."""

from dataclasses import dataclass
from pathlib import Path

from deploy.local.progress import Progress
from pipelines.settings import Settings
from tests.benchmarks import bundles, catalogue, copying
from tests.benchmarks.results import Run
from tests.benchmarks.servers import Servers
from tests.benchmarks.syncs import Sync, sync

DATABASE = "bench"


@dataclass(frozen=True)
class Material:
    """What is loaded: the bundles, and the files that the anchors copy."""

    bulk: Path
    changed: Path
    rewritten: Path
    delta: Path
    converted: copying.Files


def make_material(folder: Path, run: Run, progress: Progress) -> Material:
    """Write the bundles and convert the files, outside every clock."""
    folder.mkdir()
    bulk, changed, rewritten, delta = (folder / name for name in ("bulk", "changed", "rewritten", "delta"))
    progress.say(f"making a district of {run.students:,} students")
    run.bundle |= bundles.write_bulk(bulk, run.students)
    run.bundle["bytes"] = sum(file.stat().st_size for file in bulk.iterdir())
    bundles.write_changed(bulk, changed)
    bundles.write_changed(bulk, rewritten, bundles.MANY)
    bundles.write_delta(delta, run.students)
    return Material(bulk, changed, rewritten, delta, copying.convert(bulk, folder / "converted"))


def measure(servers: Servers, material: Material, run: Run, rounds: int) -> Settings:
    """The rounds; the settings of the database that the last one filled."""
    for number in range(1, rounds + 1):
        servers.supervisor.progress.say(f"loading, round {number} of {rounds}")
        _measure_anchors(servers, material, run)
        filled = servers.fresh(DATABASE)
        _measure_syncs(servers, filled, material, run)
    return filled


def _measure_anchors(servers: Servers, material: Material, run: Run) -> None:
    for key, copy in (
        (catalogue.COPY_INTO_INDEXES, copying.copy_into_indexes),
        (catalogue.COPY_THEN_INDEXES, copying.copy_then_indexes),
    ):
        settings = servers.fresh(DATABASE)
        servers.settle()
        run.add(key, copy(settings.require_database_url(), material.converted))
        _say(servers, run, key)


def _measure_syncs(servers: Servers, settings: Settings, material: Material, run: Run) -> None:
    first = _measure_sync(servers, settings, material.bulk, run, catalogue.SYNC_FIRST)
    run.add(catalogue.SYNC_PEAK, first.peak_mib)
    _measure_sync(servers, settings, material.bulk, run, catalogue.SYNC_UNCHANGED, expected="unchanged")
    _measure_sync(servers, settings, material.changed, run, catalogue.SYNC_CHANGED)
    _measure_sync(servers, settings, material.delta, run, catalogue.SYNC_DELTA)


def _measure_sync(
    servers: Servers, settings: Settings, bundle: Path, run: Run, key: str, expected: str = "published"
) -> Sync:
    servers.settle()
    done = sync(settings, bundle, expected)
    run.add(key, done.seconds, **done.beside())
    _say(servers, run, key)
    return done


def _say(servers: Servers, run: Run, key: str) -> None:
    servers.supervisor.progress.say(f"  {catalogue.BY_KEY[key].title}: {run.found[key].samples[-1]:.2f} s")
