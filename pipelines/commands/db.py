"""`rosterhub db`: who is doing what in the roster database, and how to end it. The work is in pipelines.activity."""

import json
from dataclasses import asdict

import click

from pipelines import activity as work
from pipelines import settings as configuration
from pipelines.activity import Session

_WIDTH = 100  # of a query on the terminal


@click.group()
def db() -> None:
    """Look at the sessions of the roster database, and end one.

    \b
    Example:
      rosterhub db activity
    """


@db.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts; queries at full length.")
def activity(as_json: bool) -> None:
    """Who does what, for how long, and waits for what. Queries come without values.

    \b
    Example:
      rosterhub db activity
    """
    found = work.sessions(configuration.load().require_database_url())
    if as_json:
        click.echo(json.dumps([asdict(session) for session in found]))
        return
    click.echo("\n".join(map(_text, found)) or "nobody else is connected")


@db.command()
@click.argument("pid", type=int)
def terminate(pid: int) -> None:
    """End a session. What it had not committed is rolled back; a sync can be repeated.

    \b
    Example:
      rosterhub db terminate 4711
    """
    work.terminate(configuration.load().require_database_url(), pid)
    click.echo(f"session {pid} has ended")


def _text(session: Session) -> str:
    waits = f"  waits for {session.waits_for}" if session.waits_for and session.state == "active" else ""
    blocked = f"  blocked by {session.blocked_by}" if session.blocked_by else ""
    head = f"{session.pid:>7}  {session.seconds:>8.1f} s  {session.state:<20} {session.application}{waits}{blocked}"
    return f"{head}\n{'':>9}{session.query[:_WIDTH]}"
