"""`rosterhub backup`: make, list, verify, restore and prune backups. What they are: pipelines.backups."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines import settings as configuration
from pipelines.errors import DependencyAway, Refused
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.backups import Backup
    from pipelines.backups.copies import Copies
    from pipelines.backups.restoring import Restored
    from pipelines.backups.shelf import StoredFile

_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Folder of backups instead of ROSTERHUB_BACKUP_FOLDER.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="For scripts.")


@click.group()
def backup() -> None:
    """Back up the database: create, list, verify, restore, prune.

    \b
    Example:
      rosterhub backup create
    """


@backup.command()
@_folder
@_as_json
def create(folder: Path | None, as_json: bool) -> None:
    """Dump the database and restore the dump into a scratch database to verify it.

    Ends with 1 if the restored copy is not equal. A good one is copied to ROSTERHUB_BACKUP_S3, if that is set.

    \b
    Example:
      rosterhub backup create --folder /mnt/backups
    """
    from pipelines.backups import backup as make_backup
    from pipelines.commands.progress import progress_line

    settings = configuration.load()
    with progress_line("backing up") as progress:
        made = make_backup(settings, _chosen(settings, folder), progress)
    _answer(made, as_json)  # before it is copied: where that fails, the backup is here all the same
    if copies := _copies(settings):
        with progress_line(f"copying it to {copies.url}"):
            copies.send(made)


@backup.command(name="list")
@_folder
@_as_json
def list_(folder: Path | None, as_json: bool) -> None:
    """List the backups, newest first, and those of ROSTERHUB_BACKUP_S3 below them.

    \b
    Example:
      rosterhub backup list --json
    """
    from pipelines.backups import backups

    settings = configuration.load()
    here = _chosen(settings, folder)
    found = [(str(here), backups(here))]
    away = None
    if copies := _copies(settings):
        try:
            found.append((copies.url, copies.backups()))
        except DependencyAway as error:
            away = error
    _print(found, as_json, otherwise="no backups yet: make one with `rosterhub backup create`")
    if away:
        raise away  # those of the folder are needed most when the rest is away


@backup.command()
@click.argument("file", required=False)
@_folder
@_as_json
def verify(file: str | None, folder: Path | None, as_json: bool) -> None:
    """Restore a backup (without FILE the latest) into a scratch database and compare it with what was dumped.

    FILE is a path, the name of a backup, or "latest". Ends with 1 if it is not equal.

    \b
    Example:
      rosterhub backup verify
    """
    from pipelines.backups import verify as verify_backup
    from pipelines.commands.progress import progress_line

    settings = configuration.load()
    chosen, _ = _found(settings, file or "latest", folder)
    with progress_line("verifying") as progress:
        checked = verify_backup(settings, chosen, progress)
    _answer(checked, as_json)


@backup.command()
@click.argument("file", default="latest")
@click.option("--into", "database_url", required=True, metavar="DATABASE_URL", help="An empty database.")
@_folder
@_as_json
def restore(file: str, database_url: str, folder: Path | None, as_json: bool) -> None:
    """Restore a backup (without FILE the latest) into an empty database, and compare it with what was dumped.

    FILE is the path of a dump or of a .sql.gz, the name of a backup (fetched from ROSTERHUB_BACKUP_S3 where it is not
    in the folder), or "latest". Ends with 1 if the database is not empty or what was restored is not equal.

    \b
    Example:
      rosterhub backup restore latest --into postgresql://rosterhub@db2/rosterhub
    """
    from pipelines.backups import restore as restore_backup
    from pipelines.commands.progress import progress_line

    settings = configuration.load()
    chosen, stored = _found(settings, file, folder)
    with progress_line(f"restoring {stored.name}"):
        restored = restore_backup(settings, chosen, stored, database_url)
    click.echo(json.dumps(_restored_json(restored), indent=2) if as_json else _restored_line(restored))
    if restored.faults:
        raise Refused(f"what was restored is not what was dumped: {'; '.join(restored.faults)}")


@backup.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@_folder
@_as_json
def prune(dry_run: bool, folder: Path | None, as_json: bool) -> None:
    """Remove the backups that ROSTERHUB_BACKUP_DAILY, _WEEKLY and _MONTHLY do not keep, copies too.

    The newest good one always stays.

    \b
    Example:
      rosterhub backup prune --dry-run
    """
    from pipelines.backups import prune as prune_folder
    from pipelines.backups.pruning import retention

    settings = configuration.load()
    rule, copies = retention(settings), _copies(settings)
    here = _chosen(settings, folder)
    removed = [(str(here), prune_folder(here, rule, dry_run=dry_run))]
    if copies:
        removed.append((copies.url, copies.prune(rule, dry_run=dry_run)))
    _print(removed, as_json, otherwise="every backup is kept")


def _chosen(settings: Settings, folder: Path | None) -> Path:
    return folder.absolute() if folder else settings.backup_folder


def _copies(settings: Settings) -> "Copies | None":
    if settings.backup_s3 is None:
        return None
    from pipelines.backups.copies import Copies

    return Copies(settings.backup_s3)


def _found(settings: Settings, file: str, folder: Path | None) -> "tuple[Backup, StoredFile]":
    """The backup that is meant, and which of its files: the dump unless a script is named."""
    from pipelines.backups import backups, latest, shelf

    here = _chosen(settings, folder)
    if file == "latest":
        found = latest(here)
        return found, found.dump
    if Path(file).exists() or "/" in file:
        path = Path(file)
        found = shelf.at(path)
        return found, next((stored for stored in found.files if stored.name == path.resolve().name), found.dump)
    name = file.partition(".")[0]
    copies = _copies(settings)
    known = next((one for one in backups(here) if one.name == name), None)
    if known is None and copies is None:
        raise Refused(f"there is no backup {name} in {here}; `rosterhub backup list` says which there are")
    found = known or copies.fetch(name, here)  # type: ignore[union-attr]
    return found, next((stored for stored in found.files if stored.name == file), found.dump)


def _answer(made: "Backup", as_json: bool) -> None:
    click.echo(json.dumps(made.as_dict(), indent=2) if as_json else "\n".join(_lines(made)))
    if not made.is_good:
        raise Refused(f"{made.path} is no good backup: " + "; ".join(made.faults))


def _print(found: "Iterable[tuple[str, list[Backup]]]", as_json: bool, otherwise: str) -> None:
    """Backups by where they lie."""
    if as_json:
        click.echo(json.dumps([one.as_dict(place) for place, some in found for one in some], indent=2))
    else:
        click.echo("\n".join(line for place, some in found for one in some for line in _lines(one, place)) or otherwise)


def _lines(made: "Backup", place: str | None = None) -> list[str]:
    head = f"{made.created_at}  {made.rows:>10} rows  {made.state}"
    return [head, *(f"  {file.size / 2**20:8.1f} MiB  {place or made.folder}/{file.name}" for file in made.files)]


def _restored_json(restored: "Restored") -> dict[str, Any]:
    told = {"path": str(restored.path), "rows": restored.rows, "seconds": restored.seconds}
    return {**told, "is_equal": not restored.faults, "faults": list(restored.faults)}


def _restored_line(restored: "Restored") -> str:
    equal = "equal to what was dumped" if not restored.faults else "NOT what was dumped"
    return (
        f"{restored.rows} rows in {len(restored.tables)} tables restored in {restored.seconds:.1f} s, {equal}\n"
        "Grants are not part of a backup; next, with DATABASE_URL set to that database: rosterhub migrate"
    )
