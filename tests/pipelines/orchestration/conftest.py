"""A hub of the test's own: its landing folder, its database, its Dagster instance."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipelines import syncing
from pipelines.orchestration import naming
from pipelines.orchestration.building import build_definitions
from pipelines.settings import load
from tests.pipelines.district import District

OLDEST = 1_700_000_000  # bundles arrive in the order in which they are delivered, whatever the clock says


@dataclass
class Hub:
    """What an operator has: a landing folder to deliver to, jobs to run, things to look up."""

    home: Path
    database_url: str
    instance: dg.DagsterInstance
    delivered: int = 0
    maintenance: bool = False

    @property
    def variables(self) -> dict[str, str]:
        return {
            "ROSTERHUB_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "ROSTERHUB_STABLE_SECONDS": "0",
            "ROSTERHUB_TIME_ZONE": "Europe/Paris",
            "MAINTENANCE_MODE": str(self.maintenance).lower(),
        }

    @property
    def definitions(self) -> dg.Definitions:
        return build_definitions(self.variables)

    def deliver(self, district: District, source: str = "oakdale") -> Path:
        self.delivered += 1
        folder = district.write(self.home / "landing" / source / f"bundle{self.delivered}")
        for path in folder.iterdir():
            os.utime(path, (OLDEST + self.delivered, OLDEST + self.delivered))
        return folder

    def sync_without_dagster(self, source: str = "oakdale") -> None:
        """What came before the run that a test is about: the same functions, quicker."""
        publication = syncing.sync(load(self.variables, None), source)
        assert publication is not None
        assert publication.outcome == "published"

    def sync(self, source: str = "oakdale", only: Sequence[str] = (), **config: str) -> dg.ExecuteInProcessResult:
        """Run the job, or only some of its assets."""
        self.instance.add_dynamic_partitions("source", [source])
        job = self.definitions.resolve_job_def(naming.SYNC_JOB)
        run_config = {"ops": {naming.op_name(naming.BUNDLE): {"config": config}}}
        return job.execute_in_process(
            run_config=run_config,
            instance=self.instance,
            partition_key=source,
            asset_selection=[dg.AssetKey.from_user_string(key) for key in only] or None,
            raise_on_error=False,
        )


def failure(result: dg.ExecuteInProcessResult) -> Any:
    """What the failed step says to the operator."""
    (event,) = (event for event in result.all_events if event.is_step_failure)
    return event.step_failure_data.user_failure_data


def checks(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str], Any]:
    """Evaluations by asset and check."""
    return {
        (found.asset_key.to_user_string(), found.check_name): found for found in result.get_asset_check_evaluations()
    }


def failed_checks(result: dg.ExecuteInProcessResult) -> set[tuple[str, str]]:
    """The checks that did not pass."""
    return {name for name, found in checks(result).items() if not found.passed}


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """The metadata of a materialised asset, values as Python's."""
    key = dg.AssetKey.from_user_string(asset)
    (event,) = (event for event in result.get_asset_materialization_events() if event.asset_key == key)
    return {name: value.value for name, value in event.materialization.metadata.items()}


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def hub(tmp_path: Path, migrated_url: str, instance: dg.DagsterInstance) -> Hub:
    return Hub(tmp_path, migrated_url, instance)
