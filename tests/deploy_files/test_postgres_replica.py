"""The scripts of development's PostgreSQL on Kubernetes, run on real servers: a replica is made, and promoted."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from deploy.local import ports, processes
from deploy.local.postgres import SUPERUSER, Postgres
from deploy.validation.kubernetes import FOLDER
from tests.journeys import running

SCRIPTS = FOLDER / "overlays" / "development"
COUNT = "SELECT count(*) FROM pupils"


@pytest.fixture
def primary(tmp_path: Path) -> Iterator[Postgres]:
    server = running.own_postgres(tmp_path)
    with running.running(running.own_service(server)):
        ask(server, "CREATE TABLE pupils AS SELECT generate_series(1, 1000) AS id")
        yield server


@pytest.fixture
def replica(primary: Postgres, tmp_path: Path) -> Postgres:
    folder = tmp_path / "replica"
    folder.mkdir(mode=0o700)
    return replace(primary, folder=folder, port=ports.unused())


def clone(primary: Postgres, replica: Postgres) -> subprocess.CompletedProcess[str]:
    variables = {
        "POSTGRES_USER": SUPERUSER,
        "PGDATA": str(replica.data),
        "PGHOST": "127.0.0.1",
        "PGPORT": str(primary.port),
        "PGPASSWORD": primary.password,
        "PATH": f"{primary.programs.folder}:{os.environ['PATH']}",
    }
    command = primary.account.command("sh", SCRIPTS / "postgres-replica-clone.sh")
    return subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, check=False)


@contextmanager
def started(replica: Postgres) -> Iterator[None]:
    service = replace(running.own_service(replica), ready=lambda: ask(replica, "SELECT true"))
    with running.running(service):
        yield


def ask(server: Postgres, statement: str) -> object:
    """The first value of the first row, None where there is none or no server."""
    try:
        with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True, connect_timeout=2) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row and row[0]
    except psycopg.OperationalError:
        return None


def test_a_replica_is_made_follows_and_takes_over(primary: Postgres, replica: Postgres) -> None:
    done = clone(primary, replica)
    assert done.returncode == 0, done.stderr
    with started(replica):
        assert ask(replica, "SELECT pg_is_in_recovery()") is True
        ask(primary, "INSERT INTO pupils SELECT generate_series(1001, 1500)")
        assert processes.wait_until(lambda: ask(replica, COUNT) == 1500, 20)
        promote = replica.account.command(replica.programs["pg_ctl"], "promote", "-D", replica.data)
        assert subprocess.run(promote, capture_output=True, check=False).returncode == 0
        assert ask(replica, "SELECT pg_is_in_recovery()") is False


def test_data_that_are_there_are_left_alone(primary: Postgres, replica: Postgres) -> None:
    clone(primary, replica)
    (replica.data / "mine").touch()
    assert clone(primary, replica).returncode == 0
    assert (replica.data / "mine").exists()


def test_a_copy_that_was_interrupted_is_made_anew(primary: Postgres, replica: Postgres) -> None:
    clone(primary, replica)
    replica.data.with_name("data.partial").touch()
    (replica.data / "half").touch()
    assert clone(primary, replica).returncode == 0
    assert not (replica.data / "half").exists()
    assert not replica.data.with_name("data.partial").exists()
