"""The definitions, put together from their parts: the same for the code server and for tests."""

import dagster as dg

from pipelines.orchestration.assets.backups import drill, nightly
from pipelines.orchestration.assets.landing import bundle
from pipelines.orchestration.assets.quality import gate
from pipelines.orchestration.assets.roster import roster
from pipelines.orchestration.assets.staged import STAGED_ASSETS
from pipelines.orchestration.jobs import BACKUP, DRILL, SYNC
from pipelines.orchestration.resources import Handover, RosterHub
from pipelines.orchestration.telling import run_states
from pipelines.orchestration.triggers import bundle_arrival, schedules


def build_definitions(overrides: dict[str, str] | None = None) -> dg.Definitions:
    """All definitions. `overrides` are variables that win over the environment's, as tests need.

    Raises SettingsError if the settings cannot be used.
    """
    rosterhub = RosterHub(overrides=overrides or {})
    return dg.Definitions(
        assets=[bundle, *STAGED_ASSETS, gate, roster, nightly, drill],
        jobs=[SYNC, BACKUP, DRILL],
        schedules=schedules(rosterhub.settings().time_zone),
        sensors=[bundle_arrival, run_states],
        resources={"rosterhub": rosterhub, "io_manager": Handover(rosterhub=rosterhub)},
        executor=dg.in_process_executor,
    )
