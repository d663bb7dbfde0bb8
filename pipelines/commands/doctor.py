"""`rosterhub doctor`: everything that has to be right, looked at from outside, with a remedy for what is not."""

import json
import os
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pipelines import settings as configuration
from pipelines.errors import Refused, SettingsError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.doctor import Diagnosis


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def doctor(as_json: bool) -> None:
    """Look at settings, database, Redis, Dagster, clocks, disks and permissions, and say what to do.

    Nothing is changed. Exit code 1 if something fails; warnings are 0.

    \b
    Example:
      rosterhub doctor
    """
    from pipelines.doctor import State

    found = _examined()
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found]))
    else:
        for one in found:
            click.echo(_text(one))
        counts = Counter(one.state for one in found)
        click.echo(", ".join(f"{counts[state]} {state}" for state in State))
    if any(one.state is State.FAIL for one in found):
        raise click.exceptions.Exit(Refused.exit_code)


def _examined() -> "list[Diagnosis]":
    from pipelines.doctor import diagnosis, examine

    try:
        settings = configuration.load()
    except SettingsError as error:
        return [diagnosis.fail("settings", str(error), "correct them, in the environment or in .env")]
    return [diagnosis.ok("settings", "can be used"), _of_the_api(settings), *examine(settings)]


def _of_the_api(settings: Settings) -> "Diagnosis":
    """The API's own settings, as it would find them if it were started from here."""
    from api import settings as own
    from pipelines.doctor import diagnosis

    try:
        own.load({**os.environ, **settings.environment()})
    except own.SettingsError as error:
        return diagnosis.fail("api settings", str(error), "correct them in the API's environment")
    return diagnosis.ok("api settings", "can be used")


def _text(one: "Diagnosis") -> str:
    line = f"{one.state:<4}  {one.check:<15} {one.found}"
    return f"{line}\n      {'':<15} → {one.remedy}" if one.remedy else line
