"""The change guard: what looks like an accident is held until somebody accepts it (rulings, "Change guard")."""

from dataclasses import dataclass

from pipelines.oneroster.manifest import Version
from pipelines.oneroster.registry import BY_NAME
from pipelines.roster.changes import EntityChanges


@dataclass(frozen=True)
class Thresholds:
    """When a change set is held; shares are of an entity's active records of that source."""

    gone_share: float = 0.20
    gone_records: int = 20  # and more than this many: small schools change fast
    lost_share: float = 0.50
    rejected_share: float = 0.10  # of a core file's rows: refuses the bundle


def objections(
    changes: dict[str, EntityChanges], version: Version, last_version: str | None, thresholds: Thresholds
) -> list[str]:
    """Why this change set is held; empty if nothing speaks against it. Plain sentences with counts, no values."""
    reasons = []
    if last_version and version.value < last_version:
        reasons.append(f"The bundle is OneRoster {version.value}; the last one published was {last_version}.")
    for changed in changes.values():
        reasons += _objections_to(changed, thresholds)
    return reasons


def _objections_to(changed: EntityChanges, thresholds: Thresholds) -> list[str]:
    name, active = changed.entity.name, changed.active_before
    gone = changed.counts.gone - changed.renamed
    if not active:
        return []
    remaining = active - gone + changed.counts.inserted + changed.counts.returned
    if BY_NAME[name].core and gone and remaining <= 0:
        return [f"All {active} active {name} would be marked as deleted."]
    reasons = []
    if gone > thresholds.gone_records and gone > thresholds.gone_share * active:
        reasons.append(f"{gone} of {active} active {name} would be marked as deleted.")
    for column, lost in changed.lost_values.items():
        if lost > thresholds.lost_share * active:
            reasons.append(f"{lost} of {active} active {name} would lose their {column}.")
    return reasons
