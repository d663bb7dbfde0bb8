"""The command `rosterhub`: a table of subcommands, loaded only when one is run.

`rosterhub check` must start without Dagster, `rosterhub --help` without any of them, so nothing is imported here.
Errors that an operator can put right become one message and an exit code; a traceback is kept for a bug report.
"""

import importlib
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any, NamedTuple

import click

from pipelines.errors import DependencyAway, RosterHubError


class Row(NamedTuple):
    """Where a subcommand is, and its line in the listing."""

    target: str  # module:attribute
    help: str


COMMANDS = {
    "up": Row("pipelines.commands.stack:up", "Start everything on this machine, migrated; loads nothing."),
    "down": Row("pipelines.commands.stack:down", "Stop what `up` started."),
    "status": Row("pipelines.commands.stack:status", "Say what runs here: URLs, ports, processes, generations."),
    "migrate": Row("pipelines.commands.migrate:migrate", "Bring the database to this version's schema."),
    "check": Row("pipelines.commands.check:check", "Judge a bundle without loading it."),
    "sample": Row("pipelines.commands.sample:sample", "Write a made-up bundle, for trying things out."),
    "sync": Row("pipelines.commands.sync:sync", "Take a source's bundle from the landing folder to the API."),
    "plan": Row("pipelines.commands.plan:plan", "Say what a bundle would change, without changing it."),
    "runs": Row("pipelines.commands.runs:runs", "Launch, look up, cancel and repeat runs of Dagster."),
    "keys": Row("pipelines.commands.keys:keys", "Create and manage the API's keys."),
    "audit": Row("pipelines.commands.audit:audit", "Read and shorten the log of who asked the API what."),
    "maintenance": Row("pipelines.commands.maintenance:maintenance", "Turn requests and runs away for a while."),
    "cache": Row("pipelines.commands.cache:cache", "Clear the API's cached answers."),
    "verify": Row("pipelines.commands.verify:verify", "Check what is stored against what the ledger says."),
    "db": Row("pipelines.commands.db:db", "See who is doing what in the database, and end it."),
    "doctor": Row("pipelines.commands.doctor:doctor", "Look at everything that has to be right, and say what to do."),
    "backup": Row("pipelines.commands.backup:backup", "Back up the database, and prove that a backup restores."),
}

# What a library raises when a server is away. Looked up only among loaded modules, so that nothing heavy is imported.
_AWAY = (
    ("psycopg", "OperationalError", "PostgreSQL"),
    ("sqlalchemy.exc", "OperationalError", "PostgreSQL"),
    ("redis.exceptions", "ConnectionError", "Redis"),
)


class Reported(click.ClickException):
    """A RosterHubError on its way out through click, which prints it and exits with its code."""

    def __init__(self, error: RosterHubError) -> None:
        super().__init__(str(error))
        self.exit_code = error.exit_code  # type: ignore[misc]  # click reads it from the instance


class RosterHub(click.Group):
    """Loads a subcommand when it is asked for, and turns errors into messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].target.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.help) for name, row in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except RosterHubError as error:
            raise Reported(error) from error
        except Exception as error:
            raise Reported(_explained(error)) from error


def _explained(error: Exception) -> RosterHubError:
    for module, name, server in _AWAY:
        if _is_a(error, module, name):
            return DependencyAway(f"{server} is away: {str(error).strip().splitlines()[0]}")
    if _is_a(error, "psycopg.errors", "InsufficientPrivilege"):
        from pipelines.connecting import denied

        return denied(error)  # type: ignore[arg-type]
    if isinstance(error, OSError) and error.filename is not None:
        return RosterHubError(f"{error.filename}: {error.strerror}")
    return RosterHubError(
        f"unexpected {type(error).__name__}: {error}\nThis is a bug. Please report it with {_keep_traceback()}"
    )


def _is_a(error: Exception, module: str, name: str) -> bool:
    return isinstance(error, getattr(sys.modules.get(module), name, ()))


def _keep_traceback() -> Path:
    with tempfile.NamedTemporaryFile("w", prefix="rosterhub-", suffix=".traceback", delete=False) as file:
        traceback.print_exc(file=file)
    return Path(file.name)


@click.group(cls=RosterHub, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rosterhub", prog_name="rosterhub")
def main() -> None:
    """OneRoster CSV bundles in, a OneRoster 1.2 REST API out.

    \b
    Example:
      rosterhub check bundle.zip
    """


if __name__ == "__main__":
    main(prog_name="rosterhub")
