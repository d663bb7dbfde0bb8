"""The roles as users meet them: what each part of a deployment does works for its user, and nothing else does."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from deploy.local.postgres import SUPERUSER
from pipelines import audit, contract, maintenance, run_records
from pipelines.cli import main
from pipelines.handover import Publication
from pipelines.roster import grants, purging, verifying
from pipelines.roster.publishing import publish
from pipelines.run_records import LastRun
from tests.pipelines.conftest import Rows, Stage
from tests.pipelines.district import District
from tests.pipelines.logins import login
from tests.servers import PostgresServer

Publishing = Callable[[District], Publication]

AUDITED = (
    f"INSERT INTO {contract.AUDIT_LOGS} (id, created_at, method, path, status, request_id, duration_ms)"
    " VALUES (gen_random_uuid(), now() - interval '2 years', 'GET', '/', 200, 'r', 1)"
)


@pytest.fixture
def publish_as_its_user(stage_district: Stage, pipelines_url: str) -> Publishing:
    def run(district: District) -> Publication:
        staged = stage_district(district)
        return publish(pipelines_url, "north", staged, arrival=staged.fingerprint)

    return run


@pytest.mark.parametrize("role", grants.ROLES, ids=lambda role: role.name)
def test_a_role_has_what_is_declared(role: grants.Role, rows: Rows) -> None:
    granted = "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s"
    found = {(row["table_name"], row["privilege_type"]) for row in rows(granted, role.name)}
    assert found == {(table, verb) for table, verbs in role.tables.items() for verb in verbs}


def test_every_table_is_somebodys(rows: Rows) -> None:
    found = rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {row["tablename"] for row in found} == set(grants.TABLES)


def test_the_pipelines_publish_purge_and_keep_their_books(
    publish_as_its_user: Publishing, pipelines_url: str, migrated_url: str, rows: Rows
) -> None:
    assert publish_as_its_user(District()).generation == 1
    changed = District().change("users", "pupil1", email="x@example.org").remove("enrollments", "e3")
    assert publish_as_its_user(changed).generation == 2
    rows_of_long_ago = "UPDATE publications SET moment = moment - interval '100 days'"
    with psycopg.connect(migrated_url) as connection:
        connection.execute(rows_of_long_ago)
        connection.execute(AUDITED)
    with psycopg.connect(pipelines_url) as connection:
        assert purging.purge(connection, "north") == {"enrollments": ["e3"]}
        connection.rollback()
    assert publish_as_its_user(changed).generation == 3  # which purges
    assert not verifying.verify(pipelines_url, "north").faults
    with audit.opened(pipelines_url) as connection:
        assert len(list(audit.exported(connection, audit.Wanted()))) == 1
        assert audit.prune(connection, 400) == 1


def test_the_pipelines_switch_maintenance_and_tell_of_runs(pipelines_url: str) -> None:
    maintenance.switch_on(pipelines_url, "new disks")
    maintenance.switch_on(pipelines_url, "still the disks")
    assert maintenance.state(pipelines_url)
    assert maintenance.switch_off(pipelines_url)
    run = LastRun("sync", "north", run_records.SUCCEEDED, "r1", datetime.now(UTC), 1.0)
    for _ in range(2):
        run_records.tell(pipelines_url, {("sync", run_records.SUCCEEDED): 1}, [run])
    run_records.forget(pipelines_url, run_records.last_runs(pipelines_url))
    assert run_records.last_runs(pipelines_url) == set()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT key FROM api_keys",
        "UPDATE api_keys SET is_active = true",
        "UPDATE api_key_audit_logs SET path = '/'",
        AUDITED,
        "CREATE TABLE mine ()",
        "DROP TABLE users",
        "TRUNCATE users",
        "ALTER TABLE users ADD COLUMN password text",
        "CREATE INDEX ON users (email)",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE OR REPLACE FUNCTION make_indexes(of_table text) RETURNS void LANGUAGE sql AS ''",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
    ],
)
def test_what_is_not_theirs_is_refused_to_the_pipelines(pipelines_url: str, statement: str) -> None:
    with (
        psycopg.connect(pipelines_url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO orgs (source, sourced_id, status, publication_id) VALUES ('s', 'x', 'active', 1)",
        "DELETE FROM users",
        "DELETE FROM backups",
        "UPDATE api_keys SET is_active = true",
        "SELECT make_indexes('users')",
        "CREATE TABLE mine ()",
    ],
)
def test_whoever_backs_up_reads_and_writes_no_roster(backup_url: str, statement: str) -> None:
    with psycopg.connect(backup_url, autocommit=True) as connection:
        for table in grants.TABLES:
            connection.execute(f"SELECT FROM {table}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


@pytest.fixture
def exporter_url(migrated_url: str, postgres_server: PostgresServer) -> Iterator[str]:
    """A user that watches; its role's membership is an administrator's to give."""
    with psycopg.connect(postgres_server.url("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(f"GRANT {grants.MONITORING.joins} TO {contract.MONITORING_ROLE}".encode())
    with login(migrated_url, contract.MONITORING_ROLE) as url:
        yield url


def test_whoever_watches_sees_others_at_work_and_no_row(exporter_url: str, rows: Rows) -> None:
    rows("SELECT 4711")
    with psycopg.connect(exporter_url, autocommit=True) as connection:
        others = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert ("SELECT 4711",) in connection.execute(others).fetchall()
        connection.execute("SELECT pg_database_size(current_database())")
        for table in grants.TABLES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT FROM {table}".encode())


@pytest.fixture
def run(tmp_path: Path, pipelines_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Commands where DATABASE_URL is the pipelines' user's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROSTERHUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", pipelines_url)
    monkeypatch.setenv("ROSTERHUB_STABLE_SECONDS", "0")
    monkeypatch.delenv("REDIS_URL", raising=False)
    return lambda *arguments: CliRunner().invoke(main, list(arguments))


def test_a_sync_needs_no_more_than_the_pipelines_user(run: Callable[..., Result], tmp_path: Path) -> None:
    bundle = District().write(tmp_path / "monday")
    synced = run("sync", "north", "--bundle", str(bundle))
    assert synced.exit_code == 0, synced.output
    changed = District().change("users", "pupil1", email="x@example.org").write(tmp_path / "tuesday")
    assert run("sync", "north", "--bundle", str(changed)).stdout.startswith("published")
    assert run("verify", "north").exit_code == 0


@pytest.mark.parametrize("command", [("keys", "list"), ("keys", "create", "--name", "x"), ("migrate",)])
def test_what_is_the_owners_is_refused_in_a_sentence(run: Callable[..., Result], command: tuple[str, ...]) -> None:
    refused = run(*command)
    assert refused.exit_code == 1
    assert "Database roles in docs/operator.md" in refused.output
    assert "bug" not in refused.output
