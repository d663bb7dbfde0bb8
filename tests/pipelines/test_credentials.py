"""Keys as an operator manages them, as functions and as commands, and that the API takes them."""

import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import click
import psycopg
import pytest
from click.testing import CliRunner, Result

from api.database import Database
from api.security.keys import Keyring
from api.settings import load
from pipelines import credentials
from pipelines.cli import main
from pipelines.credentials import Credential, Limits
from pipelines.errors import Refused, SettingsError
from pipelines.oneroster.scopes import PREFIX, SCOPES

SOON = datetime.now(UTC) + timedelta(days=1)


IMPOSSIBLE = [
    (Limits(sources=["North"]), "North"),
    (Limits(expires_at=datetime(2020, 1, 1, tzinfo=UTC)), "passed"),
    (Limits(orgs=[" "]), "sourcedId"),
    (Limits(addresses=["10.0.0.1/8"]), r"10\.0\.0\.1/8 is no address"),
    (Limits(addresses=["library"]), "library"),
]


@pytest.fixture
def connection(migrated_url: str) -> psycopg.Connection:
    return psycopg.connect(migrated_url, autocommit=True)


@pytest.fixture
def run(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> click.testing.CliRunner:
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    return CliRunner()


def only(connection: psycopg.Connection) -> Credential:
    (credential,) = credentials.listed(connection)
    return credential


def accepts(url: str, header: str) -> bool:
    database = Database(load({"DATABASE_URL": url}))
    key, _, secret = header.partition(".")
    try:
        credential = Keyring(database).find(key)
    finally:
        database.close()
    return credential.accepts(secret) and credential.is_good


def test_a_key_reads_everything_but_demographics_unless_told(connection: psycopg.Connection) -> None:
    issued = credentials.create(connection, "Library")
    stored = only(connection)
    assert (stored.key, stored.name, stored.sources, stored.expires_at) == (issued.key, "Library", None, None)
    assert set(stored.scopes) == {scope.uri for scope in SCOPES} - {PREFIX + "roster-demographics.readonly"}


@pytest.mark.parametrize(
    ("names", "uris"),
    [
        (["all"], [scope.uri for scope in SCOPES]),
        (["roster.readonly"], [PREFIX + "roster.readonly"]),
        ([PREFIX + "roster.readonly", "roster.readonly"], [PREFIX + "roster.readonly"]),
    ],
)
def test_scopes_go_by_name_or_uri(names: list[str], uris: list[str]) -> None:
    assert [scope.uri for scope in credentials.resolve(names)] == uris


def test_what_cannot_be_granted_is_refused(connection: psycopg.Connection) -> None:
    with pytest.raises(SettingsError, match=r"no scope roster\.write"):
        credentials.create(connection, "x", scope_names=["roster.write"])
    for limits, told in IMPOSSIBLE:
        with pytest.raises(SettingsError, match=told):
            credentials.create(connection, "x", limits=limits)
    assert credentials.listed(connection) == []


def test_a_key_may_be_limited(connection: psycopg.Connection, migrated_url: str) -> None:
    limits = Limits(orgs=["school-1"], addresses=["192.0.2.0/24", "2001:db8::1"], requests_per_minute=0)
    key = credentials.create(connection, "x", limits=limits).key
    stored = only(connection)
    networks = [ip_network("192.0.2.0/24"), ip_network("2001:db8::1/128")]
    assert (stored.orgs, stored.addresses, stored.requests_per_minute) == (["school-1"], networks, 0)
    database = Database(load({"DATABASE_URL": migrated_url}))
    found = Keyring(database).find(key)
    database.close()
    assert (found.client.orgs, found.addresses, found.requests_per_minute) == (("school-1",), tuple(networks), 0)


def test_the_secret_is_stored_nowhere(connection: psycopg.Connection) -> None:
    issued = credentials.create(connection, "x")
    row = connection.execute("SELECT api_keys::text, octet_length(secret_hash) FROM api_keys").fetchone()
    assert row is not None
    assert issued.secret not in row[0]
    assert row[1] == 32


def test_a_key_lives_through_rotation_and_ends_with_revocation(
    connection: psycopg.Connection, migrated_url: str
) -> None:
    first = credentials.create(connection, "x", limits=Limits(expires_at=SOON))
    assert accepts(migrated_url, first.header)
    second = credentials.rotate(connection, first.key)
    assert (accepts(migrated_url, first.header), accepts(migrated_url, second.header)) == (False, True)
    credentials.extend(connection, first.key, None)
    assert only(connection).expires_at is None
    credentials.revoke(connection, first.key)
    assert not accepts(migrated_url, second.header)


def test_a_key_that_is_not_in_use_cannot_be_changed(connection: psycopg.Connection) -> None:
    key = credentials.create(connection, "x").key
    credentials.revoke(connection, key)
    for name in (key, "nobody"):
        with pytest.raises(Refused, match=f"no key {name} in use"):
            credentials.revoke(connection, name)
        with pytest.raises(Refused, match="keys list"):
            credentials.rotate(connection, name)
        with pytest.raises(Refused, match="keys list"):
            credentials.extend(connection, name, SOON)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-03-31", datetime(2027, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2027-03-31T12:00", datetime(2027, 3, 31, 12, tzinfo=UTC)),
        ("2027-03-31T12:00+09:00", datetime(2027, 3, 31, 3, tzinfo=UTC)),
    ],
)
def test_a_date_counts_to_its_end(text: str, moment: datetime) -> None:
    assert credentials.end_of(text) == moment


def test_what_is_no_date_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"31\.3\."):
        credentials.end_of("31.3.2027")


def invoke(run: CliRunner, *words: str) -> Result:
    return run.invoke(main, ["keys", *words])


def test_the_commands_tell_a_keys_whole_story(run: CliRunner, migrated_url: str) -> None:
    created = invoke(run, "create", "--name", "Library", "--source", "south", "--source", "north", "--json")
    assert created.exit_code == 0, created.output
    issued = json.loads(created.stdout)
    assert set(issued) == {"key", "secret"}
    assert accepts(migrated_url, f"{issued['key']}.{issued['secret']}")

    listed = json.loads(invoke(run, "list", "--json").stdout)
    assert [(row["key"], row["sources"]) for row in listed] == [(issued["key"], ["south", "north"])]
    assert "Library" in invoke(run, "list").stdout
    assert issued["secret"] not in invoke(run, "list").stdout

    assert "until 2099-12-31" in invoke(run, "extend", issued["key"], "--expires", "2099-12-31").stdout
    rotated = json.loads(invoke(run, "rotate", issued["key"], "--json").stdout)
    assert rotated["secret"] != issued["secret"]
    assert invoke(run, "revoke", issued["key"]).exit_code == 0
    assert "revoked" in invoke(run, "list").stdout


def test_limits_are_given_and_shown(run: CliRunner) -> None:
    limits = ("--org", "school-1", "--address", "192.0.2.0/24", "--address", "2001:db8::/32", "--rate", "50")
    assert invoke(run, "create", "--name", "Library", *limits).exit_code == 0
    line = invoke(run, "list").stdout
    assert "orgs school-1  from 192.0.2.0/24,2001:db8::/32  50 requests a minute" in line
    (row,) = json.loads(invoke(run, "list", "--json").stdout)
    assert (row["orgs"], row["requests_per_minute"]) == (["school-1"], 50)
    assert row["addresses"] == ["192.0.2.0/24", "2001:db8::/32"]


def test_created_for_people_the_header_is_shown_as_it_is_sent(run: CliRunner, migrated_url: str) -> None:
    last = invoke(run, "create", "--name", "x").stdout.splitlines()[-1]
    assert last.startswith("X-API-Key: ")
    assert accepts(migrated_url, last.removeprefix("X-API-Key: "))


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["create"], 2, "--name"),
        (["create", "--name", "x", "--expires", "soon"], 2, "soon is not a date"),
        (["create", "--name", "x", "--scope", "everything"], 2, "there is no scope everything"),
        (["create", "--name", "x", "--address", "10.0.0.1/8"], 2, "10.0.0.1/8 is no address"),
        (["create", "--name", "x", "--rate", "-1"], 2, "--rate"),
        (["revoke", "nobody"], 1, "no key nobody in use"),
    ],
)
def test_mistakes_end_with_a_message_and_a_code(run: CliRunner, words: list[str], code: int, told: str) -> None:
    result = invoke(run, *words)
    assert result.exit_code == code
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_database_without_tables_is_told_apart(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    result = invoke(CliRunner(), "list")
    assert (result.exit_code, "rosterhub migrate" in result.output) == (1, True)
