"""Settings: the table is complete, values are typed, and every mistake is named at once."""

from dataclasses import fields
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import NullPool, create_engine, text

from deploy.local import ports
from pipelines.backups.programs import libpq_environment
from pipelines.errors import DependencyAway, SettingsError
from pipelines.settings import ANNOUNCED, Settings, load, table


def test_every_setting_says_what_it_is() -> None:
    for setting in table():
        assert setting.help.endswith("."), setting.variable
        assert setting.variable.isupper()
    assert {field.name for field in fields(Settings)} == {setting.name for setting in table()} | {"explicit"}


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load({})
    assert settings.home == tmp_path / ".rosterhub"
    assert settings.landing == tmp_path / ".rosterhub" / "landing"
    assert (settings.api_port, settings.ui_port, settings.bind) == (3000, 3001, "127.0.0.1")
    assert settings.max_unpacked_bytes == 2**30
    assert settings.database_url is None
    assert settings.explicit == frozenset()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("ROSTERHUB_API_PORT=4000\nROSTERHUB_UI_PORT=4001\nPATH=/nowhere\n")
    settings = load({"ROSTERHUB_API_PORT": "5000"}, dotenv)
    assert (settings.api_port, settings.ui_port) == (5000, 4001)
    assert settings.explicit == {"ROSTERHUB_API_PORT", "ROSTERHUB_UI_PORT"}


def test_a_running_stack_is_found_unless_something_was_set(tmp_path: Path) -> None:
    announcement = tmp_path / ANNOUNCED
    announcement.parent.mkdir()
    announcement.write_text("DATABASE_URL='postgresql://here/rosterhub'\n")
    environ = {"ROSTERHUB_HOME": str(tmp_path)}
    assert load(environ, None).database_url == "postgresql://here/rosterhub"
    assert load(environ, None).explicit == {"ROSTERHUB_HOME"}
    assert load({**environ, "DATABASE_URL": "postgresql://there/x"}, None).database_url == "postgresql://there/x"
    assert load(environ, None, announced=False).database_url is None


def test_blank_counts_as_unset() -> None:
    assert load({"DATABASE_URL": "", "ROSTERHUB_API_PORT": " "}, None).api_port == 3000


def test_every_mistake_is_named_at_once_and_no_password_is_shown() -> None:
    environ = {
        "ROSTERHUB_API_PORT": "many",
        "ROSTERHUB_MAX_RATIO": "-1",
        "ROSTERHUB_STABLE_SECONDS": "soon",
        "ROSTERHUB_TIME_ZONE": "Atlantis/Capital",
        "ROSTERHUB_DEFAULT_SOURCE": "North District",
        "ROSTERHUB_MAX_UNPACKED_BYTES": "1 parsec",
        "MAINTENANCE_MODE": "perhaps",
        "DATABASE_URL": "mysql://root:secret@db/x",
    }
    with pytest.raises(SettingsError) as caught:
        load(environ, None)
    for variable in environ:
        assert variable in str(caught.value)
    assert "ROSTERHUB_API_PORT=many" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("ROSTERHUB_MAX_UNPACKED_BYTES", "512MiB", "max_unpacked_bytes", 512 * 2**20),
        ("ROSTERHUB_STABLE_SECONDS", "0.5", "stable_seconds", 0.5),
        ("ROSTERHUB_TIME_ZONE", "Asia/Tokyo", "time_zone", "Asia/Tokyo"),
        ("MAINTENANCE_MODE", "TRUE", "maintenance_mode", True),
        ("DATABASE_URL", "postgres://db/x", "database_url", "postgresql://db/x"),
    ],
)
def test_values_are_typed(variable: str, text: str, name: str, value: object) -> None:
    assert getattr(load({variable: text}, None), name) == value


HOSTS = "host=db1,db2&port=5432,5433"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgres://u:p%40@db1,db2:5433/x", f"postgresql://u:p%40@/x?{HOSTS}"),
        ("postgresql://db1:5432,db2:5433/x?sslmode=require", f"postgresql:///x?{HOSTS}&sslmode=require"),
        ("postgresql://u@[::1]:1,[::2]/x", "postgresql://u@/x?host=::1,::2&port=1,5432"),
        (f"postgresql:///x?{HOSTS}", f"postgresql:///x?{HOSTS}"),
        ("postgresql://u@[::1]:1/x", "postgresql://u@[::1]:1/x"),
    ],
)
def test_several_hosts_become_parameters(given: str, read: str) -> None:
    assert load({"DATABASE_URL": given}, dotenv=None).database_url == read


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_the_server_that_answers_is_found_by_all_who_connect(database_url: str, driver: str) -> None:
    """Alembic connects through psycopg, Dagster through psycopg2."""
    login, _, server = database_url.removeprefix("postgresql://").rpartition("@")
    several = f"postgresql://{login}@127.0.0.1:{ports.unused()},{server}?target_session_attrs=read-write"
    url = load({"DATABASE_URL": several}, dotenv=None).require_database_url()
    engine = create_engine(url.replace("postgresql", f"postgresql+{driver}"), poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    with psycopg.connect(programs_dsn(url)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def programs_dsn(url: str) -> str:
    """What PostgreSQL's programs are given by environment."""
    names = {"PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname", "PGHOST": "host", "PGPORT": "port",
             "PGTARGETSESSIONATTRS": "target_session_attrs"}  # fmt: skip
    return make_conninfo(**{names[variable]: value for variable, value in libpq_environment(url).items()})


def test_settings_survive_the_way_to_a_child_process() -> None:
    settings = load({"MAINTENANCE_MODE": "yes", "ROSTERHUB_HOME": "/srv/roster", "REDIS_URL": "redis://c/0"}, None)
    child = load(settings.environment(), None)
    assert {field.name: getattr(child, field.name) for field in fields(child) if field.metadata} == {
        field.name: getattr(settings, field.name) for field in fields(settings) if field.metadata
    }


def test_what_is_missing_is_said_with_its_remedy() -> None:
    with pytest.raises(DependencyAway, match="rosterhub up"):
        load({"ROSTERHUB_HOME": "/nowhere"}, None).require_database_url()


def test_a_secret_may_come_by_file(tmp_path: Path) -> None:
    secret = tmp_path / "database-url"
    secret.write_text("postgresql://hub:hush@db/rosterhub\n")
    by_file = {"DATABASE_URL_FILE": str(secret)}
    assert load(by_file, dotenv=None).database_url == "postgresql://hub:hush@db/rosterhub"
    plain = {"DATABASE_URL": "postgresql://hub@other/rosterhub"}
    assert load(by_file | plain, dotenv=None).database_url == plain["DATABASE_URL"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"REDIS_URL_FILE: .*nothing cannot be read: No such file"):
        load({"REDIS_URL_FILE": str(tmp_path / "nothing")}, dotenv=None)
