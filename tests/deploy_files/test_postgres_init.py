"""The script that makes PostgreSQL's roles and users, run on a real server: the schema's owner migrates, each part of
the deployment gets in as its own user, and the doctor finds nothing."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from deploy.local.postgres import SUPERUSER, Postgres
from deploy.validation import compose, kubernetes
from pipelines.backups import backup
from pipelines.doctor import rights
from pipelines.doctor.diagnosis import State
from pipelines.roster import grants
from pipelines.roster.migrations import upgrade
from pipelines.settings import load
from tests.journeys import running
from tests.pipelines.logins import as_user

SCRIPT = compose.DEPLOY / "postgres" / "init.sh"
USERS = {"owner-url": "rosterhub", "database-url": "rosterhub_sync", "api-database-url": "rosterhub_reader",
         "backup-database-url": "rosterhub_dump"}  # fmt: skip


@dataclass(frozen=True)
class Deployed:
    """A server whose data were made as in a container, and the secrets that the parts were given."""

    server: Postgres
    secrets: Path

    def url(self, secret: str, database: str = "") -> str:
        """What that file says, for where the server is here; of another database if one is named."""
        asked = urlsplit((self.secrets / secret).read_text().strip())
        return as_user(self.server.url(database or asked.path[1:]), str(asked.username), str(asked.password))


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("deployed")
    secrets = folder / "secrets"
    subprocess.run(["sh", compose.SECRETS_SCRIPT, "localhost", secrets], check=True, capture_output=True)
    server = running.own_postgres(folder)
    bare = running.own_service(server)
    with running.running(bare):
        _forget_the_owner(server)
        made = _run(server, {"PASSWORDS": str(secrets)})
        assert (made.returncode, made.stderr) == (0, "")
        upgrade(Deployed(server, secrets).url("owner-url"))
        yield Deployed(server, secrets)


def _forget_the_owner(server: Postgres) -> None:
    """What the local stack has made and the image's entry point has not; that makes the database, as its superuser."""
    with psycopg.connect(server.url("postgres", SUPERUSER), autocommit=True) as connection:
        for name in ("rosterhub", "rosterhub_dagster"):
            connection.execute(f"DROP DATABASE {name}".encode())
        connection.execute("DROP ROLE rosterhub")
        connection.execute("CREATE DATABASE rosterhub")


def _run(server: Postgres, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    address = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGPASSWORD": server.password}
    given = {"POSTGRES_USER": SUPERUSER, "POSTGRES_DB": "rosterhub", **address, **variables}
    environment = {**os.environ, "PATH": f"{server.programs.folder}:{os.environ['PATH']}", **given}
    return subprocess.run(["sh", SCRIPT], env=environment, capture_output=True, text=True, check=False)


def test_the_doctor_finds_nothing(deployed: Deployed, tmp_path: Path) -> None:
    urls = {
        "DATABASE_URL": deployed.url("database-url"),
        "ROSTERHUB_API_DATABASE_URL": deployed.url("api-database-url"),
    }
    urls |= {"ROSTERHUB_BACKUP_DATABASE_URL": deployed.url("backup-database-url")}
    settings = load({"ROSTERHUB_HOME": str(tmp_path), **urls}, None, announced=False)
    with psycopg.connect(settings.require_database_url(), autocommit=True) as connection:
        for check in (rights.grants, rights.logins):
            found = check(connection, settings)
            assert found.state is State.OK, found
    assert backup(settings, settings.backup_folder).is_good


@pytest.mark.parametrize(("secret", "user"), USERS.items())
def test_each_part_gets_in_as_its_user(deployed: Deployed, secret: str, user: str) -> None:
    with psycopg.connect(deployed.url(secret)) as connection:
        found = connection.execute(
            "SELECT current_user, current_database(), rolsuper FROM pg_roles WHERE rolname = current_user"
        )
        assert found.fetchone() == (user, "rosterhub", False)


def test_dagster_has_a_database_of_its_own(deployed: Deployed) -> None:
    with psycopg.connect(deployed.url("dagster-url"), autocommit=True) as connection:
        connection.execute("CREATE TABLE runs ()")
    for secret in ("api-database-url", "backup-database-url"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(deployed.url(secret, "rosterhub_dagster")).close()


def test_the_exporter_sees_the_server_and_no_row(deployed: Deployed) -> None:
    password = (deployed.secrets / "exporter-password").read_text().strip()
    with psycopg.connect(as_user(deployed.server.url(), "rosterhub_exporter", password), autocommit=True) as connection:
        assert connection.execute("SELECT pg_has_role('pg_monitor', 'USAGE')").fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT FROM users")


def test_a_password_that_is_missing_is_told(deployed: Deployed, tmp_path: Path) -> None:
    done = _run(deployed.server, {"PASSWORDS": str(tmp_path)})
    assert (done.returncode, done.stderr) == (3, f"{tmp_path}/owner-password is missing or empty\n")


def test_an_owner_who_may_make_no_roles_migrates_without_those_that_are_missing(deployed: Deployed) -> None:
    """As where an administrator made the API's role alone."""
    with psycopg.connect(deployed.server.url("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute("CREATE DATABASE elder OWNER rosterhub")
        others = [role.name for role in grants.ROLES if not role.needed]
        try:
            for name in others:
                connection.execute(f"ALTER ROLE {name} RENAME TO {name}_later".encode())
            elder = deployed.url("owner-url", "elder")
            upgrade(elder)
            with psycopg.connect(elder, autocommit=True) as owner:
                found = rights.grants(owner, load({"DATABASE_URL": elder}, None, announced=False))
        finally:
            for name in others:
                connection.execute(f"ALTER ROLE {name}_later RENAME TO {name}".encode())
    assert (found.state, found.found) == (State.WARN, f"there is no role {' and no '.join(others)}")


def test_production_and_the_script_make_the_same_roles() -> None:
    (cluster,) = [one for one in kubernetes.read(kubernetes.OVERLAYS[1] / "postgres.yaml") if one["kind"] == "Cluster"]
    init = cluster["spec"]["bootstrap"]["initdb"]
    statements = "\n".join(init["postInitSQL"])
    for role in grants.ROLES:
        assert f"CREATE ROLE {role.name} NOLOGIN" in statements
        assert f"CREATE ROLE {role.name} NOLOGIN;" in SCRIPT.read_text()
    managed = {one["name"]: one for one in cluster["spec"]["managed"]["roles"]}
    for user, one in managed.items():
        (group,) = one["inRoles"]
        may = " CREATEDB" if one.get("createdb") else ""
        assert f"CREATE ROLE {user} LOGIN{may} PASSWORD :'password' IN ROLE {group};" in SCRIPT.read_text()


def test_only_the_migration_knows_the_owner() -> None:
    services = yaml.safe_load(compose.COMPOSE.read_text())["services"]
    holders = {name for name, service in services.items() if "owner-url" in service.get("secrets", [])}
    assert holders == {"migrate"}
    for folder in kubernetes.OVERLAYS:
        text = {one["metadata"]["name"]: yaml.safe_dump(one) for one in kubernetes.build(folder)}
        assert {name for name, one in text.items() if "rosterhub-owner-secrets" in one} == {
            "rosterhub-migrate",
            "rosterhub-owner",
        }
