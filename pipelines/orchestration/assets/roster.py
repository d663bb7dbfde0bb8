"""roster/<entity>: everything published in one transaction, so one step makes all the tables or none."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import NoReturn

import dagster as dg

from pipelines.handover import Change, Publication
from pipelines.oneroster.entity import Entity
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.orchestration import columns, import_log, naming
from pipelines.orchestration.assets.quality import Candidate
from pipelines.orchestration.failing import plainly
from pipelines.orchestration.reporting import Metadata, changes_table, check_result, findings_table
from pipelines.orchestration.resources import RosterHub
from pipelines.roster.publishing import publish
from pipelines.roster.schema import SQL_TYPES
from pipelines.source_settings import of_source
from pipelines.syncing import announce

REFERENCES, GUARD = "references", "guard"
HELD, REJECTED = "held", "rejected"


def dependencies(entity: Entity) -> list[dg.AssetKey]:
    """Its staged file, the gate, and what its references name: the table where that is published before, else its
    staged file, because sessions refer to sessions and users to resources, which come later."""
    earlier = ENTITIES[: ENTITIES.index(entity)]
    targets = dict.fromkeys(BY_NAME[column.to] for column in entity.references)
    referenced = [naming.roster(target) if target in earlier else naming.staged(target) for target in targets]
    return list(dict.fromkeys([naming.GATE, naming.staged(entity), *referenced]))


def _spec(entity: Entity) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=naming.roster(entity),
        group_name=naming.ROSTER,
        kinds={"postgres"},
        description=columns.roster_description(entity),
        metadata={naming.COLUMN_SCHEMA: columns.schema(entity, SQL_TYPES)},
        deps=dependencies(entity),
        partitions_def=naming.SOURCES,
    )


def _check_specs(entity: Entity) -> list[dg.AssetCheckSpec]:
    key = naming.roster(entity)
    return [
        dg.AssetCheckSpec(REFERENCES, asset=key, description="Every reference names a record that exists."),
        dg.AssetCheckSpec(GUARD, asset=key, description="No more disappears or changes than a source may at once."),
    ]


@dg.multi_asset(
    name="publish",
    specs=[_spec(entity) for entity in ENTITIES],
    ins={"candidate": dg.AssetIn(key=naming.GATE)},
    check_specs=[spec for entity in ENTITIES for spec in _check_specs(entity)],
)
def roster(
    context: dg.AssetExecutionContext, rosterhub: RosterHub, candidate: Candidate
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """The checks come first: they are recorded of a bundle that is held or rejected, too."""
    with plainly():
        settings = rosterhub.settings()
        publication = publish(
            settings.require_database_url(),
            context.partition_key,
            candidate.staged,
            arrival=candidate.arrival,
            run_id=context.run.run_id,
            accept=candidate.accept,
            thresholds=of_source(settings.sources_file, context.partition_key).thresholds,
            progress=partial(import_log.tell, context),
        )
        announce(settings, publication)
    import_log.tell(context, publication.outcome, generation=publication.generation, seconds=publication.seconds)
    for entity in ENTITIES:
        yield from _checks(entity, publication)
    if publication.outcome in (HELD, REJECTED):
        _fail(publication)
    for entity in ENTITIES:
        yield dg.MaterializeResult(asset_key=naming.roster(entity), metadata=_metadata(entity, publication))
    rosterhub.end_workspace(context.run, context.partition_key)


def _checks(entity: Entity, publication: Publication) -> Iterator[dg.AssetCheckResult]:
    key = naming.roster(entity)
    findings = [found for found in publication.findings if found.file == f"{entity.name}.csv"]
    yield check_result(key, REFERENCES, findings)
    objections = _objections(entity, publication)
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name=GUARD,
        passed=not objections,
        metadata={"gone": _change(entity, publication).gone, "changed": _change(entity, publication).changed},
        description=" ".join(objections) or None,
    )


def _objections(entity: Entity, publication: Publication) -> list[str]:
    """The reasons for holding that name the entity's file, or none at all (a lower version)."""
    if publication.outcome != HELD:
        return []
    return [reason for reason in publication.reasons if _named(reason) in ({entity.name}, set())]


def _named(reason: str) -> set[str]:
    return set(reason.split()) & set(BY_NAME)


def _change(entity: Entity, publication: Publication) -> Change:
    return publication.entities.get(entity.name, Change())


def _metadata(entity: Entity, publication: Publication) -> Metadata:
    counts = {name: dg.MetadataValue.int(count) for name, count in asdict(_change(entity, publication)).items()}
    seconds = {f"seconds {stage}": dg.MetadataValue.float(spent) for stage, spent in publication.seconds.items()}
    return {
        "outcome": dg.MetadataValue.text(publication.outcome),
        "generation": dg.MetadataValue.int(publication.generation),
        "needs_bulk": dg.MetadataValue.bool(publication.needs_bulk),
        **counts,
        **seconds,
    }


def _fail(publication: Publication) -> NoReturn:
    """End the run with what an operator needs to decide: why, what would change, and how to let it through."""
    remedy = {
        HELD: f"If this is right, publish it with: {accept_command(publication)}",
        REJECTED: "Nothing was published. Correct what the findings name and deliver the bundle again.",
    }
    raise dg.Failure(
        "\n".join([f"{publication.source}: {publication.outcome}", *publication.reasons, remedy[publication.outcome]]),
        metadata={"changes": changes_table(publication.entities), "findings": findings_table(publication.findings)},
        allow_retries=False,
    )


def accept_command(publication: Publication) -> str:
    """The command that publishes a held bundle all the same."""
    return f"rosterhub sync {publication.source} --accept {publication.fingerprint}"
