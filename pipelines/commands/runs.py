"""`rosterhub runs`: the queue of runs, asked of Dagster's web server. What a run does is Dagster's and the assets'."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from pipelines import settings as configuration
from pipelines.contract import is_source_name
from pipelines.dagster_api import DagsterApi, Run
from pipelines.errors import Refused, SettingsError
from pipelines.run_records import FAILED, STATUSES, SUCCEEDED, dagster_statuses

_LOOKS_EVERY = 0.5  # seconds
_SEARCHED = 1000  # the newest runs, among which the beginning of an id is looked up
_WHOLE_ID = 36  # characters
_DELETED_AT_ONCE = 500

as_json_option = click.option("--json", "as_json", is_flag=True, help="For scripts.")
source_option = click.option("--source", help="Of this source only.")


@click.group()
def runs() -> None:
    """Launch, look up, cancel and repeat runs of Dagster.

    Exit code 3: Dagster does not answer (ROSTERHUB_UI_URL names its web server).

    \b
    Example:
      rosterhub runs list --status failed
    """


@runs.command()
@click.argument("source")
@click.option("--bundle", type=click.Path(path_type=Path), help="This bundle instead of the oldest unprocessed one.")
@click.option("--accept", metavar="FINGERPRINT", help="Publish a held bundle all the same.")
@click.option("--wait", is_flag=True, help="Show how far it is, and end as it ends.")
@as_json_option
def launch(source: str, bundle: Path | None, accept: str | None, wait: bool, as_json: bool) -> None:
    """Queue a sync of a source. With --wait, exit code 0: it succeeded; 1: it failed or was canceled.

    \b
    Example:
      rosterhub runs launch north_district --wait
    """
    if not is_source_name(source):
        raise SettingsError(f'"{source}" is no source name: use a-z, 0-9 and _, beginning with a letter or digit')
    dagster = _dagster()
    _follow(dagster, dagster.launch_sync(source, bundle, accept), wait, as_json)


@runs.command("list")
@click.option("--status", type=click.Choice(list(STATUSES)), help="Those in this state only.")
@source_option
@click.option("--limit", type=click.IntRange(1, 1000), default=25, show_default=True)
@as_json_option
def list_(status: str | None, source: str | None, limit: int, as_json: bool) -> None:
    """The newest runs.

    \b
    Example:
      rosterhub runs list --status queued
    """
    found = _dagster().runs(dagster_statuses([status] if status else []), source, limit)
    if as_json:
        click.echo(json.dumps([_plain(run) for run in found]))
        return
    from pipelines.commands.reporting import table

    rows = [_row(run) for run in found]
    click.echo("\n".join(table(("run", "job", "source", "status", "created", "seconds"), rows)) if rows else "no runs")


@runs.command()
@click.argument("run")
@as_json_option
def show(run: str, as_json: bool) -> None:
    """One run; RUN is its id, or the beginning of it. Of a failed one also why.

    \b
    Example:
      rosterhub runs show 0b1c2d3e
    """
    dagster = _dagster()
    found = dagster.run(_whole_id(dagster, run))
    _report(dagster, found, as_json)


@runs.command()
@click.argument("run")
def cancel(run: str) -> None:
    """End a run that is queued or under way. What it has not committed is rolled back.

    \b
    Example:
      rosterhub runs cancel 0b1c2d3e
    """
    dagster = _dagster()
    run_id = _whole_id(dagster, run)
    if (found := dagster.run(run_id)).has_ended:
        raise Refused(f"run {run_id} has ended: {found.status}")
    dagster.cancel(run_id)
    click.echo(f"run {run_id} is being canceled")


@runs.command()
@click.argument("run")
@click.option("--wait", is_flag=True, help="Show how far it is, and end as it ends.")
@as_json_option
def retry(run: str, wait: bool, as_json: bool) -> None:
    """Run it again from its beginning, with the same bundle and acceptance.

    \b
    Example:
      rosterhub runs retry 0b1c2d3e --wait
    """
    dagster = _dagster()
    run_id = _whole_id(dagster, run)
    if not (found := dagster.run(run_id)).has_ended:
        raise Refused(f"run {run_id} is {found.status}: it can be repeated once it has ended")
    _follow(dagster, dagster.retry(run_id), wait, as_json)


@runs.command("clear-failed")
@source_option
def clear_failed(source: str | None) -> None:
    """Forget the runs that failed, with their logs. Neither the ledger nor any bundle is touched.

    \b
    Example:
      rosterhub runs clear-failed --source north_district
    """
    dagster, cleared = _dagster(), 0
    while failed := dagster.runs(dagster_statuses([FAILED]), source, _DELETED_AT_ONCE):
        for run in failed:
            dagster.delete(run.id)
        cleared += len(failed)
    click.echo(f"{cleared} failed runs forgotten")


def _dagster() -> DagsterApi:
    return DagsterApi(configuration.load().dagster_web_url)


def _whole_id(dagster: DagsterApi, given: str) -> str:
    """The id that begins so; Refused unless it is exactly one."""
    if len(given) == _WHOLE_ID:
        return given
    found = [run.id for run in dagster.runs(limit=_SEARCHED) if run.id.startswith(given)]
    if len(found) != 1:
        raise Refused(f"{len(found) or 'no'} runs have an id that begins with {given}: see `rosterhub runs list`")
    return found[0]


def _follow(dagster: DagsterApi, run_id: str, wait: bool, as_json: bool) -> None:
    """Say which run it is, or how it ended; Exit 1 if that was no success."""
    if not wait:
        click.echo(json.dumps({"run": run_id}) if as_json else f"run {run_id}\n{dagster.url}/runs/{run_id}")
        return
    ended = _watched(dagster, run_id)
    _report(dagster, ended, as_json)
    if ended.status != SUCCEEDED:
        raise click.exceptions.Exit(Refused.exit_code)


def _watched(dagster: DagsterApi, run_id: str) -> Run:
    """The run once it has ended; meanwhile the terminal shows how far it is."""
    from pipelines.commands.progress import progress_line

    with progress_line(f"run {run_id[:8]}") as progress:
        while not (run := dagster.run(run_id)).has_ended:
            progress(f"{run.status}, {run.steps_done} of {run.steps} steps")
            time.sleep(_LOOKS_EVERY)
    return run


def _report(dagster: DagsterApi, run: Run, as_json: bool) -> None:
    why = {"reason": dagster.failure(run.id)} if run.status == FAILED else {}
    facts = _plain(run) | why
    if as_json:
        click.echo(json.dumps(facts))
        return
    facts["url"] = f"{dagster.url}/runs/{run.id}"
    click.echo("\n".join(f"{name:<8} {value}" for name, value in facts.items() if value is not None))


def _plain(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "job": run.job,
        "source": run.source,
        "status": run.status,
        "created": _moment(run.created),
        "seconds": run.seconds,
    }


def _row(run: Run) -> tuple[str, ...]:
    return tuple("" if value is None else str(value) for value in (_plain(run) | {"run": run.id[:8]}).values())


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
