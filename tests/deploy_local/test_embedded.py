"""The embedded servers: started, killed, started again on the same data; nothing but this machine reaches them."""

import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from deploy.local import binaries, ports, postgres, processes, valkey
from deploy.local.postgres import Postgres
from deploy.local.services import Service
from pipelines.errors import Refused, SettingsError


@contextmanager
def _running(service: Service) -> Iterator[psutil.Process]:
    service.prepare()
    with service.log.open("ab") as log:
        process = subprocess.Popen(service.command, stdout=log, stderr=log, start_new_session=True)
    try:
        assert processes.wait_until(service.ready, 30), service.log.read_text()
        yield psutil.Process(process.pid)
    finally:
        processes.end(psutil.Process(process.pid), service.stop_signal, 10)
        process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Postgres:
    """A data folder of this module's own, as `up` makes it."""
    folder = tmp_path_factory.mktemp("home") / "postgres"
    return postgres.prepare(folder, ports.unused(), binaries.postgres())


def test_the_databases_are_the_owners_and_the_password_is_private(server: Postgres) -> None:
    with _running(server.service(server.folder / "log")):
        for database in postgres.DATABASES:
            with psycopg.connect(server.url(database)) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS made (x int)")
        wrong = server.url().replace(server.password, "guess")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
    assert stat.S_IMODE((server.folder / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700


def test_committed_rows_survive_a_kill(server: Postgres) -> None:
    service = server.service(server.folder / "log")
    with _running(service) as process:
        with psycopg.connect(server.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS x")
        process.kill()
        assert processes.wait_until(lambda: processes.has_ended(process), 10)
    with _running(service), psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT x FROM kept").fetchone() == (42,)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_an_orphan_on_the_same_data_is_ended_first(server: Postgres) -> None:
    service = server.service(server.folder / "log")
    with _running(service) as orphan:
        server.clear_leftovers()
        assert processes.has_ended(orphan)
        with _running(service):
            pass


def test_a_note_whose_process_id_is_somebody_elses_is_no_hindrance(server: Postgres) -> None:
    with subprocess.Popen(["sleep", "600"]) as stranger:
        (server.data / "postmaster.pid").write_text(f"{stranger.pid}\n{server.data}\n")
        with _running(server.service(server.folder / "log")):
            assert stranger.poll() is None
        stranger.kill()


def test_preparing_again_keeps_the_data(server: Postgres) -> None:
    again = postgres.prepare(server.folder, server.port, server.programs)
    assert again.password == server.password


def test_data_of_another_version_is_refused(server: Postgres) -> None:
    other = binaries.PostgresPrograms(server.programs.folder, "99.1")
    with pytest.raises(Refused, match=rf"made by PostgreSQL {server.programs.major}.*ROSTERHUB_PG_BIN"):
        postgres.prepare(server.folder, server.port, other)


def test_a_half_made_data_folder_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data.unfinished" / "base").mkdir(parents=True)
    made = postgres.prepare(tmp_path / "postgres", ports.unused(), binaries.postgres())
    assert (made.data / "PG_VERSION").exists()
    assert not (tmp_path / "postgres" / "data.unfinished").exists()


def test_a_named_folder_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ROSTERHUB_PG_BIN"):
        binaries.postgres(tmp_path)


def test_valkey_evicts_instead_of_failing_and_asks_for_the_password(tmp_path: Path) -> None:
    server = valkey.prepare(tmp_path / "a folder", ports.unused(), binaries.valkey_server())
    with _running(server.service(tmp_path / "log")) as process:
        with redis.Redis.from_url(server.url(), decode_responses=True) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}
            assert client.config_get("maxmemory") == {"maxmemory": str(256 * 2**20)}
        with redis.Redis(port=server.port) as client, pytest.raises(redis.AuthenticationError):
            client.ping()
        assert server.password not in " ".join(process.cmdline())
        assert {connection.laddr.ip for connection in process.net_connections()} == {"127.0.0.1"}
