"""`rosterhub keys`: what an operator does with the API's keys. The work is in pipelines.credentials."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
import psycopg

from pipelines import credentials, settings
from pipelines.credentials import Credential, Issued, Limits


class Expiry(click.ParamType):
    """A date or a moment on the command line."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        return credentials.end_of(value)


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


@contextmanager
def _connection() -> Iterator[psycopg.Connection]:
    with credentials.opened(settings.load().require_database_url()) as connection:
        yield connection


@click.group()
def keys() -> None:
    """Create and manage the API's keys.

    \b
    Example:
      rosterhub keys create --name "Library" --source north --expires 2027-03-31
    """


@keys.command()
@click.option("--name", required=True, help="Who it is for.")
@click.option("--scope", "scope_names", multiple=True, help="Name or URI; may be repeated. `all` is every scope.")
@click.option("--source", "sources", multiple=True, help="A source it may read; may be repeated, the first is its own.")
@click.option(
    "--org", "orgs", multiple=True, help="sourcedId of an organisation that it is limited to; may be repeated."
)
@click.option("--address", "addresses", multiple=True, help="Address or network it is used from; may be repeated.")
@click.option("--rate", type=click.IntRange(0, 2**31 - 1), help="Requests a minute; 0 is no limit.")
@click.option("--expires", "expires_at", type=Expiry(), help="The last day it works (UTC), or a moment.")
@_as_json
def create(name: str, scope_names: tuple[str, ...], rate: int | None, as_json: bool, **limits: Any) -> None:
    """Make a key and show its secret, this once.

    Without --scope it reads everything but demographics; without --source, every source. --org limits it to
    organisations and all that belongs to those below them, --address to where it may be used from.

    \b
    Example:
      rosterhub keys create --name "Library" --scope roster-core.readonly --source north --address 192.0.2.0/24
    """
    with _connection() as connection:
        given = Limits(requests_per_minute=rate, **limits)
        issued = credentials.create(connection, name, scope_names=scope_names, limits=given)
    _show(issued, as_json)


@keys.command("list")
@_as_json
def list_(as_json: bool) -> None:
    """Show every key, without secrets.

    \b
    Example:
      rosterhub keys list
    """
    with _connection() as connection:
        found = credentials.listed(connection)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(credential) for credential in found], default=_written))
        return
    for credential in found:
        click.echo(_line(credential))
    if not found:
        click.echo("There are no keys yet: rosterhub keys create --name …")


@keys.command()
@click.argument("key")
@click.option("--expires", type=Expiry(), help="The last day it works (UTC), or a moment. Left out: without end.")
def extend(key: str, expires: datetime | None) -> None:
    """Let a key work longer.

    \b
    Example:
      rosterhub keys extend 1f6b3c0a9d2e4f58 --expires 2028-03-31
    """
    with _connection() as connection:
        credentials.extend(connection, key, expires)
    click.echo(f"{key} works {_until(expires)}")


@keys.command()
@click.argument("key")
@_as_json
def rotate(key: str, as_json: bool) -> None:
    """Give a key a new secret and show it, this once; the old one stops working.

    \b
    Example:
      rosterhub keys rotate 1f6b3c0a9d2e4f58
    """
    with _connection() as connection:
        issued = credentials.rotate(connection, key)
    _show(issued, as_json)


@keys.command()
@click.argument("key")
def revoke(key: str) -> None:
    """End a key for good.

    \b
    Example:
      rosterhub keys revoke 1f6b3c0a9d2e4f58
    """
    with _connection() as connection:
        credentials.revoke(connection, key)
    click.echo(f"{key} is revoked; the API refuses it within 5 seconds")


def _show(issued: Issued, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"key": issued.key, "secret": issued.secret}))
        return
    click.echo(f"key     {issued.key}")
    click.echo(f"secret  {issued.secret}")
    click.echo("The secret is not shown again. Clients send the header:")
    click.echo(f"X-API-Key: {issued.header}")


def _line(credential: Credential) -> str:
    state = _until(credential.expires_at) if credential.is_active else "revoked"
    scopes = ",".join(uri.rpartition("/")[2] for uri in credential.scopes)
    sources = "all sources" if credential.sources is None else ",".join(credential.sources)
    return "  ".join([credential.key, credential.name, f"[{state}]", sources, *_limits(credential), scopes])


def _limits(credential: Credential) -> Iterator[str]:
    """What the key is limited to beside sources and scopes."""
    if credential.orgs is not None:
        yield f"orgs {','.join(credential.orgs)}"
    if credential.addresses is not None:
        yield f"from {','.join(map(str, credential.addresses))}"
    if credential.requests_per_minute is not None:
        yield (
            f"{credential.requests_per_minute} requests a minute" if credential.requests_per_minute else "no rate limit"
        )


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _until(expires: datetime | None) -> str:
    return "without end" if expires is None else f"until {expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
