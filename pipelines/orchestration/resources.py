"""What assets, schedules and sensors need from outside: the settings, and the folder through which steps hand on.

What may not enter: connections, which the plain functions open and close themselves.
"""

import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines import settings as configuration
from pipelines.settings import Settings

RUNS_KEPT = 3  # workspaces of a source's last runs: a failed one can be re-executed from where it failed


class RosterHub(dg.ConfigurableResource):
    """The settings, read when they are needed: from the environment as everywhere, `overrides` winning."""

    overrides: dict[str, str] = {}  # noqa: RUF012  a pydantic field, copied per instance

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Let Dagster keep its database connections for the length of a run, as its web server does.

        It opens several for every event otherwise, and a run has hundreds: that took most of a small bundle's time.
        """
        if context.instance is not None:
            context.instance.optimize_for_webserver(statement_timeout=0, pool_recycle=3600, max_overflow=5)

    def settings(self) -> Settings:
        """The settings; raises SettingsError."""
        return configuration.load({**os.environ, **self.overrides})

    def workspace(self, run: dg.DagsterRun, source: str) -> Path:
        """The folder of a run's files. A re-execution works in the folder of the run that it goes on with."""
        return self._workspaces(source) / (run.root_run_id or run.run_id)

    def _workspaces(self, source: str) -> Path:
        return self.settings().home / "runs" / source

    def begin_workspace(self, run: dg.DagsterRun, source: str) -> Path:
        """An empty folder for a run that begins; those of long ago go."""
        folder = self.workspace(run, source)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        earlier = sorted(self._workspaces(source).iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in earlier[RUNS_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
        return folder

    def end_workspace(self, run: dg.DagsterRun, source: str) -> None:
        """Remove the folder of a run that needs no re-execution: it holds everybody's rows."""
        shutil.rmtree(self.workspace(run, source), ignore_errors=True)


class Handover(dg.ConfigurableIOManager):
    """Hands the values of one step to the next through the run's workspace.

    They are small and plain (pipelines.handover); the rows they speak of lie beside them as parquet. They name faulty
    cells with their values, so they stay in ROSTERHUB_HOME and never enter Dagster's own storage.
    """

    rosterhub: dg.ResourceDependency[RosterHub]

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        path = self._path(context, context.asset_key)
        path.write_bytes(pickle.dumps(obj))

    def load_input(self, context: dg.InputContext) -> Any:
        path = self._path(context, context.asset_key)
        if not path.exists():
            raise dg.Failure(
                f"this run has no {context.asset_key.to_user_string()}: the assets of a source are made together. "
                "Launch the job `sync`, or choose everything from landing/bundle on",
                allow_retries=False,
            )
        return pickle.loads(path.read_bytes())  # noqa: S301  written by an earlier step into a folder of our own

    def _path(self, context: dg.OutputContext | dg.InputContext, key: dg.AssetKey) -> Path:
        run = context.step_context.dagster_run
        return self.rosterhub.workspace(run, context.partition_key) / f"{'.'.join(key.path)}.pickle"
