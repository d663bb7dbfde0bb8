"""`rosterhub up`, `down` and `status`: the one-machine stack from the command line. What it is: deploy.local."""

import json
import sys

import click

from deploy.local import detached
from deploy.local.progress import Progress
from pipelines import settings as configuration
from pipelines.errors import Refused


@click.command()
@click.option("--detach", is_flag=True, help="Return when everything is ready; it goes on in the background.")
def up(detach: bool) -> None:
    """Start everything on this machine, migrated; loads nothing.

    Stays in the foreground until Ctrl-C, which stops everything, unless --detach is given.

    \b
    Example:
      rosterhub up --detach
    """
    progress = Progress()
    settings = configuration.load(announced=False)
    if detach:
        detached.start(settings.home, progress)
        return
    from deploy.local.stack import running
    from deploy.local.supervisor import Stopped

    try:
        with running(settings, progress) as stack:
            progress.say(f"API {stack.applications.api_url}   Dagster {stack.applications.ui_url}   {_ending()}")
            stack.supervisor.watch()
    except Stopped:
        progress.say("stopped")


def _ending() -> str:
    return "Ctrl-C stops" if sys.stderr.isatty() else "`rosterhub down` stops"


@click.command()
def down() -> None:
    """Stop what `up` started, wherever that was, or what a killed one left.

    \b
    Example:
      rosterhub down
    """
    home = configuration.load(announced=False).home
    stopped = detached.stop(home, Progress())
    click.echo("stopped" if stopped else f"nothing runs in {home}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def status(as_json: bool) -> None:
    """Say what runs here: URLs, ports, processes, versions, and the generation of each source.

    Ends with 1 if the stack is down.

    \b
    Example:
      rosterhub status --json
    """
    from deploy.local.status import lines, look

    facts = look(configuration.load())
    click.echo(json.dumps(facts, indent=2) if as_json else "\n".join(lines(facts)))
    if facts["state"] == "down":
        raise click.exceptions.Exit(Refused.exit_code)
