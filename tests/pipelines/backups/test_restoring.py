"""A backup restored by our command and by the runbook's, into an empty database only; the API answers from it."""

import gzip
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from api.settings import Settings as ApiSettings
from pipelines.backups import Backup, backup, inventory, programs, restore, shelf
from pipelines.errors import DependencyAway, Refused
from pipelines.oneroster.registry import ENTITIES
from pipelines.roster.migrations import upgrade
from pipelines.settings import Settings, load
from tests.api import roster as rosters
from tests.api.conftest import serving, settings_for


@pytest.fixture
def shell(made: Backup, settings: Settings, database_url: str) -> Callable[[str], None]:
    """A line of the runbook in the folder of backups: the database X is an empty one, the programs are the server's."""
    with psycopg.connect(database_url) as connection:
        fitting = programs.fitting(connection, settings.pg_bin)
    address = programs.libpq_environment(database_url)
    environment = {**os.environ, **address, "PATH": f"{fitting.folder}:{os.environ['PATH']}"}

    def run(line: str) -> None:
        named = line.replace("X", address["PGDATABASE"])
        words = ["bash", "-o", "pipefail", "-c", named]
        ended = subprocess.run(words, cwd=made.folder, env=environment, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr

    return run


@pytest.mark.parametrize(
    "line",
    ["gunzip -c latest_backup.sql.gz | psql -q -d X", "pg_restore -d X -j 4 latest.dump"],
    ids=["psql", "pg_restore"],
)
def test_the_commands_of_the_runbook_restore_the_links(
    line: str, shell: Callable[[str], None], made: Backup, database_url: str
) -> None:
    shell(line)
    assert inventory.of(database_url) == made.tables


def test_a_script_needs_neither_owner_nor_roles_of_the_server(made: Backup) -> None:
    assert made.script
    text = gzip.decompress((made.folder / made.script.name).read_bytes()).decode()
    assert not [line for line in text.splitlines() if line.startswith(("GRANT ", "REVOKE ")) or " OWNER TO " in line]


@pytest.mark.parametrize("index", [0, 1], ids=["dump", "script"])
def test_either_file_is_restored_and_compared(index: int, made: Backup, settings: Settings, database_url: str) -> None:
    restored = restore(settings, made, made.files[index], database_url)
    assert restored.faults == ()
    assert restored.rows == made.rows
    assert restored.seconds > 0


def test_a_database_that_is_not_empty_is_refused_by_name(made: Backup, settings: Settings, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE SCHEMA own CREATE TABLE precious (id int)")
    with pytest.raises(Refused, match=r"is not empty: it has 1 tables \(own\.precious\)"):
        restore(settings, made, made.dump, database_url)


def test_a_database_that_is_away_is_said_to_be(made: Backup, settings: Settings) -> None:
    with pytest.raises(DependencyAway, match="the database to restore into cannot be reached"):
        restore(settings, made, made.dump, "postgresql://nobody@127.0.0.1:1/nothing")


def test_a_file_that_was_changed_is_not_restored(made: Backup, settings: Settings, database_url: str) -> None:
    made.path.write_bytes(made.path.read_bytes()[:-1])
    with pytest.raises(Refused, match="its SHA-256 is another"):
        restore(settings, made, made.dump, database_url)
    assert inventory.of(database_url) == {}


def test_what_is_not_as_it_was_dumped_is_told(made: Backup, settings: Settings, database_url: str) -> None:
    wrong = {**made.tables, "nothing": next(iter(made.tables.values()))}
    notes = shelf.parse(shelf.notes_of(made).read_text(), made.folder)
    object.__setattr__(notes, "tables", wrong)
    assert restore(settings, notes, made.dump, database_url).faults == ("table nothing is missing",)


@pytest.fixture
def filled(migrated_url: str) -> ApiSettings:
    """The API's settings for a roster with two records of every entity, and a key."""
    with rosters.opened(migrated_url) as roster:
        roster.key()
        rosters.fill_everything(roster)
    return settings_for(migrated_url)


def answers(settings: ApiSettings) -> dict[str, bytes]:
    """Every collection's first page as it is sent."""
    with serving(settings) as api:
        rules = [rule.rule for rule in api.client.application.url_map.iter_rules() if "<" not in rule.rule]
        pages = [rule for rule in rules if "/ims/oneroster/" in rule and "discovery" not in rule]
        responses = {page: api.get(page) for page in pages}
        assert len(pages) > len(ENTITIES)
        assert {response.status_code for response in responses.values()} == {200}
        return {page: response.data for page, response in responses.items()}


def test_a_restored_and_migrated_backup_serves_the_same_answers(
    filled: ApiSettings, migrated_url: str, database_url: str, tmp_path: Path
) -> None:
    settings = load({"ROSTERHUB_HOME": str(tmp_path), "DATABASE_URL": migrated_url}, None)
    made = backup(settings, settings.backup_folder)
    restore(settings, made, made.dump, database_url)
    upgrade(database_url)
    assert answers(settings_for(database_url)) == answers(filled)


def test_migrating_gives_the_grants_that_a_restored_backup_lacks(
    made: Backup, settings: Settings, database_url: str
) -> None:
    restore(settings, made, made.dump, database_url)
    read = "SELECT has_table_privilege('rosterhub_api', 'users', 'SELECT')"
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert connection.execute(read).fetchone() == (False,)
        upgrade(database_url)
        assert connection.execute(read).fetchone() == (True,)


@pytest.fixture
def limited_url(migrated_url: str) -> Iterator[str]:
    """A migrated database of a role that may make no roles and grant none, but was given the API's."""
    name = f"limited_{os.getpid()}"
    role = sql.Identifier(name)
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for statement in ("CREATE ROLE {}", "GRANT {} TO CURRENT_USER", "GRANT rosterhub_api TO {}"):
            connection.execute(sql.SQL(statement).format(role))
        connection.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(role))
        for (table,) in tables:
            connection.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.Identifier(table), role))
        connection.execute(sql.SQL("ALTER FUNCTION make_indexes OWNER TO {}").format(role))
        yield f"{migrated_url}?options=-c%20role%3D{name}"
        connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(role))
        connection.execute(sql.SQL("DROP ROLE {}").format(role))


def test_migrating_needs_no_right_to_make_roles_that_are_there(limited_url: str) -> None:
    with psycopg.connect(limited_url) as connection:
        connection.execute("REVOKE SELECT ON users FROM rosterhub_api")
    upgrade(limited_url)
    with psycopg.connect(limited_url) as connection:
        connection.execute("SET ROLE rosterhub_api")
        connection.execute("SELECT FROM users")
