"""Rights that are too wide or too narrow are found, of the roles and of whoever logs in as them."""

import psycopg
import pytest

from deploy.local.postgres import SUPERUSER
from pipelines.contract import API_ROLE, BACKUP_ROLE, MONITORING_ROLE, PIPELINES_ROLE
from pipelines.doctor import rights
from pipelines.doctor.diagnosis import State
from pipelines.settings import Settings, load
from tests.pipelines.logins import login
from tests.servers import PostgresServer


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (f"GRANT DELETE ON users TO {API_ROLE}", "may DELETE users"),
        (f"GRANT SELECT ON api_key_audit_logs TO {API_ROLE}", "may SELECT api_key_audit_logs"),
        (f"GRANT SELECT ON api_keys TO {PIPELINES_ROLE}", "may SELECT api_keys"),
        (f"GRANT UPDATE ON api_key_audit_logs TO {PIPELINES_ROLE}", "may UPDATE api_key_audit_logs"),
        (f"GRANT INSERT ON orgs TO {BACKUP_ROLE}", "may INSERT orgs"),
        (f"GRANT SELECT ON orgs TO {MONITORING_ROLE}", "may SELECT orgs"),
        (f"GRANT CREATE ON SCHEMA public TO {PIPELINES_ROLE}", "may CREATE TABLE"),
        (f"REVOKE SELECT ON orgs FROM {API_ROLE}", "may not SELECT orgs"),
        (f"REVOKE INSERT ON api_key_audit_logs FROM {API_ROLE}", "may not INSERT api_key_audit_logs"),
        (f"REVOKE SELECT (entity) ON waiting_rows FROM {API_ROLE}", "may not SELECT waiting_rows.entity"),
        (f"REVOKE USAGE ON SEQUENCE publications_id_seq FROM {PIPELINES_ROLE}", "may not USAGE publications_id_seq"),
        (f"REVOKE EXECUTE ON FUNCTION make_indexes FROM {PIPELINES_ROLE}", "may not EXECUTE make_indexes(text)"),
        ("DROP FUNCTION make_indexes", "may not EXECUTE make_indexes(text)"),
        ("DROP TABLE results", "may not SELECT results"),
    ],
)
def test_grants_that_are_too_wide_or_too_narrow(
    connection: psycopg.Connection, settings: Settings, change: str, told: str
) -> None:
    connection.execute(change.encode())
    found = rights.grants(connection, settings)
    assert (found.state, told in found.found) == (State.FAIL, True), found
    assert found.remedy


def test_an_api_that_connects_as_the_owner_could_write(connection: psycopg.Connection, migrated_url: str) -> None:
    own = load({"DATABASE_URL": migrated_url, "ROSTERHUB_API_DATABASE_URL": migrated_url}, None, announced=False)
    found = rights.grants(connection, own)
    assert found.state is State.FAIL
    assert "more" in found.found


def test_a_user_that_was_given_more_than_its_role_is_named(
    connection: psycopg.Connection, settings: Settings, pipelines_url: str
) -> None:
    user = psycopg.conninfo.conninfo_to_dict(pipelines_url)["user"]
    assert rights.grants(connection, settings).state is State.OK
    connection.execute(f"GRANT SELECT ON api_keys TO {user}".encode())
    found = rights.grants(connection, settings)
    connection.execute(f"REVOKE SELECT ON api_keys FROM {user}".encode())
    assert (found.state, found.found) == (State.FAIL, f"{user} may SELECT api_keys")


def test_a_user_of_two_roles_may_what_both_may(
    connection: psycopg.Connection, settings: Settings, pipelines_url: str
) -> None:
    user = psycopg.conninfo.conninfo_to_dict(pipelines_url)["user"]
    connection.execute(f"GRANT {BACKUP_ROLE} TO {user}".encode())
    assert rights.grants(connection, settings).state is State.OK


def test_the_pipelines_user_can_ask_too(pipelines_url: str) -> None:
    own = load({"DATABASE_URL": pipelines_url}, None, announced=False)
    with psycopg.connect(pipelines_url, autocommit=True) as connection:
        assert rights.grants(connection, own).state is State.OK
        assert rights.logins(connection, own).state is State.OK


def test_a_superuser_that_runs_all_day_is_pointed_out(
    connection: psycopg.Connection, migrated_url: str, postgres_server: PostgresServer
) -> None:
    wide = postgres_server.url(connection.info.dbname, SUPERUSER)
    own = load({"DATABASE_URL": migrated_url, "ROSTERHUB_BACKUP_DATABASE_URL": wide}, None, announced=False)
    found = rights.logins(connection, own)
    assert (found.state, found.found.split(":")[0]) == (State.WARN, "ROSTERHUB_BACKUP_DATABASE_URL")


def test_an_exporter_that_sees_little_is_pointed_out(
    connection: psycopg.Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = rights.Role(name=MONITORING_ROLE, does="", joins="pg_checkpoint")  # which no test gives it
    monkeypatch.setattr(rights, "MONITORING", blind)
    with login(settings.require_database_url(), MONITORING_ROLE):
        found = rights.grants(connection, settings)
    assert (found.state, found.remedy.split(" as ")[0]) == (State.WARN, f"GRANT pg_checkpoint TO {MONITORING_ROLE}")
