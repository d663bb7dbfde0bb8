"""`rosterhub backup`: make, list and verify backups from the command line. What they are: pipelines.backups."""

import json
from pathlib import Path

import click

from pipelines import settings as configuration
from pipelines.backups import Backup, backups, latest, shelf
from pipelines.backups import backup as make_backup
from pipelines.backups import verify as verify_backup
from pipelines.backups.backing_up import FOLDER
from pipelines.errors import Refused
from pipelines.settings import Settings

_into = click.option(
    "--into", type=click.Path(path_type=Path), help="Folder of backups instead of ROSTERHUB_HOME/backups."
)
_as_json = click.option("--json", "as_json", is_flag=True, help="For scripts.")


@click.group()
def backup() -> None:
    """Back up the database: create, list, verify.

    \b
    Example:
      rosterhub backup create
    """


@backup.command()
@_into
@_as_json
def create(into: Path | None, as_json: bool) -> None:
    """Dump the database and restore the dump into a scratch database to verify it.

    Ends with 1 if the restored copy is not equal.

    \b
    Example:
      rosterhub backup create --into /mnt/backups
    """
    settings = configuration.load()
    _answer(make_backup(settings, _folder(settings, into)), as_json)


@backup.command(name="list")
@_into
@_as_json
def list_(into: Path | None, as_json: bool) -> None:
    """List the backups, newest first.

    \b
    Example:
      rosterhub backup list --json
    """
    found = backups(_folder(configuration.load(), into))
    if as_json:
        click.echo(json.dumps([one.as_dict() for one in found], indent=2))
    else:
        click.echo("\n".join(map(_line, found)) or "no backups yet: make one with `rosterhub backup create`")


@backup.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@_into
@_as_json
def verify(file: Path | None, into: Path | None, as_json: bool) -> None:
    """Restore a backup (without FILE the latest) into a scratch database and compare it with what it was made of.

    Ends with 1 if it is not equal.

    \b
    Example:
      rosterhub backup verify
    """
    settings = configuration.load()
    chosen = shelf.at(file) if file else latest(_folder(settings, into))
    _answer(verify_backup(settings, chosen), as_json)


def _folder(settings: Settings, into: Path | None) -> Path:
    return into.absolute() if into else settings.home / FOLDER


def _answer(made: Backup, as_json: bool) -> None:
    click.echo(json.dumps(made.as_dict(), indent=2) if as_json else _line(made))
    if not made.is_good:
        raise Refused(f"{made.path} is no good backup: " + "; ".join(made.faults or ()))


def _line(made: Backup) -> str:
    state = "verified" if made.is_good else "not verified" if made.faults is None else "NO GOOD"
    return f"{made.created_at}  {made.size / 2**20:8.1f} MiB  {made.rows:>10} rows  {state}  {made.path}"
