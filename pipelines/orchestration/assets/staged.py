"""staged/<entity>: each file of the bundle read into typed rows, with a check per family of rules.

A file that the bundle does not have is materialised too, with no rows: the graph stays whole, the plots get their
point, and the run's page says which files were absent. Skipped, it would also skip what is published after it.
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.frames import FRAME_TYPES
from pipelines.handover import StagedFile
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.manifest import Mode
from pipelines.oneroster.registry import ENTITIES
from pipelines.orchestration import columns, naming
from pipelines.orchestration.assets.landing import Delivery
from pipelines.orchestration.failing import plainly
from pipelines.orchestration.families import DESCRIPTIONS, by_family
from pipelines.orchestration.reporting import Metadata, check_result, findings_table
from pipelines.orchestration.resources import RosterHub
from pipelines.staged.staging import stage_file


def staged_asset(entity: Entity) -> dg.AssetsDefinition:
    """The asset of one entity's file."""
    key = naming.staged(entity)

    @dg.asset(
        key=key,
        group_name=naming.STAGED,
        partitions_def=naming.SOURCES,
        kinds={"polars", "parquet"},
        description=columns.staged_description(entity),
        metadata={naming.COLUMN_SCHEMA: columns.schema(entity, FRAME_TYPES)},
        ins={"delivery": dg.AssetIn(key=naming.BUNDLE)},
        check_specs=[
            dg.AssetCheckSpec(name, asset=key, description=description) for name, description in DESCRIPTIONS.items()
        ],
    )
    def stage(
        context: dg.AssetExecutionContext, rosterhub: RosterHub, delivery: Delivery
    ) -> Iterator[dg.Output[StagedFile | None] | dg.AssetCheckResult]:
        with plainly():
            folder = rosterhub.workspace(context.run, context.partition_key)
            file = stage_file(delivery.bundle, entity.name, folder)
        yield dg.Output(file, metadata=_metadata(file))
        for name, findings in by_family(file.findings if file else ()).items():
            yield check_result(key, name, findings)

    return stage


def _metadata(file: StagedFile | None) -> Metadata:
    mode = file.mode if file else Mode.ABSENT
    accepted, rejected, warnings = (file.accepted, file.rejected, file.warnings) if file else (0, 0, 0)
    return {
        "mode": dg.MetadataValue.text(mode.value),
        naming.ROW_COUNT: dg.MetadataValue.int(accepted),
        naming.ACCEPTED: dg.MetadataValue.int(accepted),
        naming.REJECTED: dg.MetadataValue.int(rejected),
        naming.WARNINGS: dg.MetadataValue.int(warnings),
        "findings": findings_table(file.findings if file else ()),
    }


STAGED_ASSETS = [staged_asset(entity) for entity in ENTITIES]
