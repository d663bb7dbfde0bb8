"""What goes to PostgreSQL and Redis can be encrypted and verified, by everyone who connects to them; and whoever cannot
be sure of the other side says so in a sentence and sends nothing.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy
from click.testing import CliRunner
from dagster_postgres import PostgresRunStorage

from deploy.local.postgres import DATABASES
from deploy.local.valkey import Valkey
from pipelines import backups, contract, syncing
from pipelines.backups import programs
from pipelines.cli import main
from pipelines.doctor import encryption, servers
from pipelines.doctor.diagnosis import State
from pipelines.handover import Publication
from pipelines.roster.migrations import upgrade
from pipelines.settings import load
from tests import relays
from tests.api import roster as rosters
from tests.api.conftest import ROSTERING, serving, settings_for
from tests.journeys import encrypted
from tests.journeys.encrypted import HOST, Authority, EncryptedPostgres
from tests.journeys.line import Line
from tests.pipelines.district import District

REFUSED = "certificate"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("authority") / "own")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One that nobody's server was certified by."""
    return Authority.make(tmp_path_factory.mktemp("authority") / "stranger")


@pytest.fixture(scope="module")
def postgres(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncryptedPostgres]:
    with encrypted.postgres(tmp_path_factory.mktemp("postgres"), authority) as running:
        yield running


@pytest.fixture
def line(postgres: EncryptedPostgres, tmp_path: Path) -> Line:
    """A migrated hub that verifies its database."""
    upgrade(postgres.url())
    return Line(tmp_path, postgres.url())


def test_plain_connections_are_refused(postgres: EncryptedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        psycopg.connect(postgres.url(sslmode="disable"))


def test_a_bundle_goes_to_the_api_and_into_a_proven_backup(line: Line) -> None:
    assert line.take(District()).outcome == "published"
    with serving(settings_for(line.database_url), line.key()) as api:
        assert {org["sourcedId"] for org in api.json(f"{ROSTERING}/orgs")["orgs"]} == {"district", "north", "south"}
    made = backups.backup(line.settings, line.settings.backup_folder)
    assert (made.faults, made.is_good) == ((), True)
    assert backups.verify(line.settings, made).is_good


def test_dagster_keeps_its_runs_there(postgres: EncryptedPostgres) -> None:
    storage = PostgresRunStorage.create_clean_storage(postgres.url(DATABASES[1]))
    assert storage.get_runs() == []


def test_a_client_is_known_by_its_certificate_alone(postgres: EncryptedPostgres, authority: Authority) -> None:
    own = authority.vouch("certified")
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("CREATE ROLE certified LOGIN")
    url = postgres.url(user="certified", sslcert=str(own.certificate), sslkey=str(own.key))
    with psycopg.connect(url) as connection:
        fitting = programs.fitting(connection)
        assert connection.execute("SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (
            "/CN=certified",
        )
    assert fitting.run("psql", url, "--command=SELECT 1") == ""
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("DROP ROLE certified")


@pytest.fixture(params=["another authority", "another host"])
def doubtful(request: pytest.FixtureRequest, postgres: EncryptedPostgres, stranger: Authority) -> str:
    """The URL of a server that is not the one that is asked for."""
    if request.param == "another authority":
        return postgres.url(sslrootcert=str(stranger.own.certificate))
    return postgres.url(hostaddr="127.0.0.1").replace(f"@{HOST}:", "@db.example:")


@pytest.mark.parametrize(
    "command", [["migrate"], ["sync", "north"], ["backup", "create"], ["keys", "list"], ["db", "activity"]]
)
def test_commands_refuse_a_server_that_is_another(
    doubtful: str, line: Line, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line.land(District())
    for name, value in {**line.variables, "DATABASE_URL": doubtful}.items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(main, command)
    assert (told.exit_code, REFUSED in told.output) == (3, True), told.output


def test_the_doctor_says_why(doubtful: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTERHUB_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", doubtful)
    told = CliRunner().invoke(main, ["doctor"]).output.splitlines()
    assert [REFUSED in one for one in told if one.startswith("fail  database")] == [True]


def test_the_api_and_its_log_refuse_it_too(doubtful: str, caplog: pytest.LogCaptureFixture) -> None:
    with serving(settings_for(doubtful, ROSTERHUB_API_POOL_SECONDS="0.3")) as api:
        assert api.get(f"{ROSTERING}/orgs").status_code == 503
    assert REFUSED in caplog.text


def test_so_does_dagster(doubtful: str) -> None:
    with pytest.raises(sqlalchemy.exc.OperationalError, match=REFUSED):
        sqlalchemy.create_engine(doubtful).connect()


def test_programs_that_cannot_encrypt_are_passed_over(
    postgres: EncryptedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs.ClientPrograms, "can_encrypt", lambda self: False)
    with psycopg.connect(postgres.url()) as connection, pytest.raises(programs.DependencyAway) as told:
        programs.fitting(connection)
    assert "that can encrypt" in str(told.value)
    assert "postgresql-client" in str(told.value)


def test_the_doctor_knows_what_is_encrypted(postgres: EncryptedPostgres) -> None:
    with psycopg.connect(postgres.url()) as connection:
        for mode, state in {"verify-full": State.OK, "require": State.WARN, "prefer": State.WARN}.items():
            distant = postgres.url(sslmode=mode).replace(f"@{HOST}:", "@db.example:")
            found = encryption.postgres(connection, load({"DATABASE_URL": distant}, None, announced=False))
            assert (found.state, bool(found.remedy)) == (state, state is State.WARN)
            assert "encrypted" in found.found


@pytest.fixture
def full_url(migrated_url: str) -> str:
    """A database with something published and a key."""
    with rosters.opened(migrated_url) as roster:
        roster.key()
        roster.publish()
    return migrated_url


@pytest.fixture
def encrypted_redis(redis_url: str, valkey_server: Valkey, authority: Authority) -> Iterator[str]:
    """The URL of a Redis that is reached over TLS: the run's, behind a relay."""
    with relays.before(valkey_server.port, authority.vouch("redis").tls) as relay:
        yield _over_tls(redis_url, relay.port, authority)


def _over_tls(url: str, port: int, authority: Authority) -> str:
    login, _, database = url.removeprefix("redis://").rpartition("/")
    return f"rediss://{login.rpartition('@')[0]}@{HOST}:{port}/{database}?ssl_ca_certs={authority.own.certificate}"


def test_bodies_and_rates_are_kept_in_an_encrypted_redis(
    full_url: str, encrypted_redis: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(settings_for(full_url, REDIS_URL=encrypted_redis, ROSTERHUB_CACHE_TIMEOUT_SECONDS="5")) as api:
        assert api.json(f"{ROSTERING}/orgs") == api.json(f"{ROSTERING}/orgs")
        assert api.json("/health")["dependencies"]["redis"]["status"] == "ok"
    monkeypatch.setenv("REDIS_URL", encrypted_redis)
    with redis.Redis.from_url(redis_url) as plain:
        kinds = {key.partition(b":")[0] for key in plain.scan_iter()}
        assert {b"cache", b"limits"} <= {kind.lower().partition(b"/")[0] for kind in kinds}
        assert CliRunner().invoke(main, ["cache", "clear"]).exit_code == 0
        assert not list(plain.scan_iter(f"{contract.CACHE_PREFIX}*"))


def test_publications_are_told_to_an_encrypted_redis(encrypted_redis: str, redis_url: str) -> None:
    published = Publication("published", "encrypted_source", 7, "fingerprint")
    with redis.Redis.from_url(redis_url) as plain, plain.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(contract.GENERATION_CHANNEL)
        heard.get_message(timeout=5)
        syncing.announce(load({"REDIS_URL": encrypted_redis}, None, announced=False), published)
        message = heard.get_message(timeout=5)
    assert message is not None
    assert message["data"] == b"encrypted_source 7"


@pytest.fixture(params=["another authority", "another host", "no file"])
def doubtful_redis(
    request: pytest.FixtureRequest, redis_url: str, valkey_server: Valkey, authority: Authority, stranger: Authority
) -> Iterator[str]:
    """The URL of a Redis that cannot be verified."""
    host = "redis.example" if request.param == "another host" else HOST
    trusted = stranger if request.param == "another authority" else authority
    with relays.before(valkey_server.port, authority.vouch("redis", host).tls) as relay:
        url = _over_tls(redis_url, relay.port, trusted)
        yield url + ".missing" if request.param == "no file" else url


def test_a_redis_that_is_another_is_done_without_and_the_reason_is_told(
    full_url: str, doubtful_redis: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reason = "No such file" if doubtful_redis.endswith("missing") else REFUSED
    with serving(settings_for(full_url, REDIS_URL=doubtful_redis)) as api, caplog.at_level(logging.WARNING):
        assert api.get(f"{ROSTERING}/orgs").status_code == 200
    assert reason in caplog.text
    monkeypatch.setenv("REDIS_URL", doubtful_redis)
    told = CliRunner().invoke(main, ["cache", "clear"])
    assert (told.exit_code, reason in told.output) == (3, True), told.output
    found = servers.redis_server(load({"REDIS_URL": doubtful_redis}, None, announced=False))
    assert (found.state, reason in found.found) == (State.FAIL, True)
