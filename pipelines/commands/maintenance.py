"""`rosterhub maintenance`: turn requests and runs away for a while, on every machine, without restarting anything."""

import json
from datetime import UTC

import click

from pipelines import maintenance as switch
from pipelines import settings as configuration
from pipelines.maintenance import Switched

_SEEN_WITHIN = "The API's processes see it within two seconds, Dagster's daemon at its next look."


@click.group()
def maintenance() -> None:
    """Turn requests and runs away for a while.

    \b
    Example:
      rosterhub maintenance on --reason "new disks, until 18:00"
    """


@maintenance.command()
@click.option("--reason", default="switched on by hand", show_default=True, help="Told by schedules that skip.")
def on(reason: str) -> None:
    """From now on only probes and metrics answer, and nothing is started. Runs under way go on.

    \b
    Example:
      rosterhub maintenance on --reason "new disks, until 18:00"
    """
    switched = switch.switch_on(configuration.load().require_database_url(), reason)
    click.echo(f"{_text(switched)}\n{_SEEN_WITHIN}")


@maintenance.command()
def off() -> None:
    """Answer requests and start runs again.

    \b
    Example:
      rosterhub maintenance off
    """
    settings = configuration.load()
    was_on = switch.switch_off(settings.require_database_url())
    click.echo(f"maintenance is off\n{_SEEN_WITHIN}" if was_on else "maintenance was off")
    if settings.maintenance_mode:
        click.echo("MAINTENANCE_MODE is set here: processes that were started with it stay under maintenance", err=True)


@maintenance.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def status(as_json: bool) -> None:
    """Say whether it is on, since when and why.

    \b
    Example:
      rosterhub maintenance status
    """
    switched = switch.state(configuration.load().require_database_url())
    click.echo(json.dumps(_plain(switched)) if as_json else _text(switched))


def _text(switched: Switched | None) -> str:
    if switched is None:
        return "maintenance is off"
    return f"maintenance is on since {_since(switched)}: {switched.reason}"


def _plain(switched: Switched | None) -> dict[str, object]:
    if switched is None:
        return {"on": False}
    return {"on": True, "since": _since(switched), "reason": switched.reason}


def _since(switched: Switched) -> str:
    return switched.since.astimezone(UTC).isoformat(timespec="seconds")
