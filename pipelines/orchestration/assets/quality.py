"""quality/gate: the staged files put together and judged as a whole, with a check per expectation of the suites."""

from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg

from pipelines import quality
from pipelines.handover import StagedBundle, StagedFile
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.orchestration import naming
from pipelines.orchestration.assets.landing import Delivery
from pipelines.orchestration.failing import plainly
from pipelines.orchestration.reporting import Metadata, findings_table
from pipelines.orchestration.resources import RosterHub
from pipelines.quality import Expectation, Judgement, Level
from pipelines.staged.staging import summarise

_SEVERITIES = {Level.ERROR: dg.AssetCheckSeverity.ERROR, Level.WARNING: dg.AssetCheckSeverity.WARN}


def _spec(expectation: Expectation) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        expectation.name,
        asset=naming.GATE,
        description=expectation.description,
        additional_deps=[naming.staged(BY_NAME[expectation.entity])],
    )


@dataclass(frozen=True)
class Candidate:
    """What the gate hands on: the staged bundle with what the gate found, which arrival it is, what was accepted."""

    staged: StagedBundle
    arrival: str
    accept: str | None


@dg.asset(
    key=naming.GATE,
    group_name=naming.QUALITY,
    partitions_def=naming.SOURCES,
    kinds={"greatexpectations"},
    description="The accepted rows of all files against the suites in pipelines/quality/suites, before publishing.",
    ins={
        "delivery": dg.AssetIn(key=naming.BUNDLE),
        **{entity.table: dg.AssetIn(key=naming.staged(entity)) for entity in ENTITIES},
    },
    check_specs=[_spec(expectation) for expectation in quality.expectations()],
)
def gate(
    context: dg.AssetExecutionContext, rosterhub: RosterHub, delivery: Delivery, **files: StagedFile | None
) -> Iterator[dg.Output[Candidate] | dg.AssetCheckResult]:
    """A broken expectation of level error becomes a finding that keeps the bundle from being published."""
    with plainly():
        folder = rosterhub.workspace(context.run, context.partition_key)
        staged = summarise(delivery.bundle, {file.entity: file for file in files.values() if file}, folder)
        judgements = quality.judge(staged)
    judged = quality.with_findings(staged, judgements)
    yield dg.Output(Candidate(judged, delivery.arrival, delivery.accept), metadata=_metadata(judged, judgements))
    yield from map(_check_result, judgements)


def _metadata(staged: StagedBundle, judgements: list[Judgement]) -> Metadata:
    files = staged.files.values()
    return {
        naming.ACCEPTED: dg.MetadataValue.int(sum(file.accepted for file in files)),
        naming.REJECTED: dg.MetadataValue.int(sum(file.rejected for file in files)),
        "expectations": dg.MetadataValue.int(len(judgements)),
        "broken": dg.MetadataValue.int(sum(not judgement.passed for judgement in judgements)),
        "findings": findings_table(staged.all_findings),
    }


def _check_result(judgement: Judgement) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=naming.GATE,
        check_name=judgement.expectation.name,
        passed=judgement.passed,
        severity=_SEVERITIES[judgement.expectation.level],
        metadata=dict(judgement.facts),
        description=judgement.summary,
    )
