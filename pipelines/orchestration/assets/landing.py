"""landing/bundle: which bundle a run takes, and that bundle opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from pipelines import syncing
from pipelines.errors import Refused
from pipelines.handover import Bundle
from pipelines.landing.arrivals import Arrival
from pipelines.oneroster.manifest import Mode
from pipelines.orchestration import import_log, naming
from pipelines.orchestration.failing import plainly
from pipelines.orchestration.reporting import Metadata, check_result, findings_table
from pipelines.orchestration.resources import RosterHub
from pipelines.priority import give_way
from pipelines.settings import Settings

OPENING = "opening"


class SyncRequest(dg.Config):
    """What a run may be told; told nothing, it takes the source's oldest bundle that was not taken yet."""

    bundle: str | None = None  # path of a folder or zip: take this one
    accept: str | None = None  # fingerprint of a held bundle that may be published all the same


@dataclass(frozen=True)
class Delivery:
    """What landing hands on: the bundle, which arrival it was, and what was accepted about it beforehand."""

    bundle: Bundle
    arrival: str
    accept: str | None


@dg.asset(
    key=naming.BUNDLE,
    group_name=naming.LANDING,
    partitions_def=naming.SOURCES,
    kinds={"csv"},
    description="The bundle as it arrived: opened, its manifest read, its files told apart. Nothing of its rows.",
    check_specs=[
        dg.AssetCheckSpec(OPENING, asset=naming.BUNDLE, description="Archive, manifest and files can be read.")
    ],
)
def bundle(
    context: dg.AssetExecutionContext, config: SyncRequest, rosterhub: RosterHub
) -> Iterator[dg.Output[Delivery] | dg.AssetCheckResult]:
    """A bundle that cannot be read goes on too: publishing records in the ledger that it was rejected."""
    give_way()
    workspace = rosterhub.begin_workspace(context.run, context.partition_key)
    with plainly():
        settings = rosterhub.settings()
        arrival = _chosen(settings, context.partition_key, config)
        opened = syncing.open_arrival(settings, context.partition_key, arrival, workspace)
    import_log.tell(context, "opened", arrival=arrival.name, files=len(opened.files))
    yield dg.Output(Delivery(opened, arrival.key, config.accept), metadata=_metadata(opened))
    yield check_result(naming.BUNDLE, OPENING, opened.findings)


def _chosen(settings: Settings, source: str, config: SyncRequest) -> Arrival:
    arrival = syncing.choose(settings, source, Path(config.bundle) if config.bundle else None, config.accept)
    if arrival is None:
        raise Refused(
            f"{source}: nothing new lies in {settings.landing / source}. To take a bundle again, name its path as "
            "`bundle` in the run's config"
        )
    return arrival


def _metadata(opened: Bundle) -> Metadata:
    modes = {name: mode for name, mode in opened.modes.items() if mode is not Mode.ABSENT}
    return {
        "path": dg.MetadataValue.path(opened.path),
        "fingerprint": dg.MetadataValue.text(opened.fingerprint),
        "version": dg.MetadataValue.text(opened.version_text),
        "profile": dg.MetadataValue.text("japan" if opened.japan else "standard"),
        "files": dg.MetadataValue.int(len(opened.files)),
        "modes": dg.MetadataValue.json({name: mode.value for name, mode in modes.items()}),
        "findings": findings_table(opened.findings),
    }
