"""Secondary indexes: made with the first rows, by migrations where rows are there already; and without extensions."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from pipelines.contract import API_ROLE
from pipelines.errors import Refused
from pipelines.oneroster.registry import BY_NAME, ENTITIES
from pipelines.roster import schema
from pipelines.roster.indexes import EXTENSIONS, Index, indexes, make_indexes
from pipelines.roster.migrations import upgrade
from tests.pipelines.conftest import Publish, Rows
from tests.pipelines.district import District

SECONDARY = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%%pkey' ORDER BY 1"
DEFINITIONS = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"


def index(entity: str, name: str) -> Index:
    return next(one for one in indexes(BY_NAME[entity]) if one.name == name)


def test_the_first_publication_makes_the_indexes(publish_district: Publish, rows: Rows) -> None:
    before = {row["indexname"] for row in rows(SECONDARY)}
    publish_district(District())
    made = {row["indexname"] for row in rows(SECONDARY)} - before
    assert made == {index.name for entity in ENTITIES for index in indexes(entity)}
    publish_district(District(), source="another")
    assert {row["indexname"] for row in rows(SECONDARY)} - before == made


def test_names_are_unique_and_short_enough() -> None:
    names = [index.name for entity in ENTITIES for index in indexes(entity)]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 63


def test_what_few_records_share_is_found_by_value_alone_and_what_many_share_in_order() -> None:
    assert index("users", "users_email").keys == ("source", '"email"')
    assert index("users", "users_family_name").keys == ("source", '"family_name"', "sourced_id")
    assert index("enrollments", "enrollments_user_sourced_id").keys == ("source", '"user_sourced_id"')


def test_what_nearly_all_have_is_not_indexed() -> None:
    assert index("enrollments", "enrollments_role").only == "\"role\" <> 'student'"
    assert {index(one.name, f"{one.table}_status").only for one in ENTITIES} == {"\"status\" <> 'active'"}


def test_embedded_rows_lead_to_their_owner() -> None:
    assert index("roles", "roles_org_sourced_id").keys == ("source", '"org_sourced_id"', '"user_sourced_id"')
    assert index("roles", "roles_user_sourced_id").keys == ("source", '"user_sourced_id"')


def test_the_migration_gives_tables_with_rows_the_same_indexes(database_url: str, migrated_url: str) -> None:
    upgrade(database_url, "0003")
    with psycopg.connect(database_url, autocommit=True) as connection:
        for entity in ENTITIES:
            insert = "INSERT INTO {} (source, sourced_id, status, publication_id) VALUES ('s', 'x', 'active', 1)"
            connection.execute(sql.SQL(insert).format(sql.Identifier(entity.table)))
        upgrade(database_url)
        found = connection.execute(DEFINITIONS).fetchall()
    with psycopg.connect(migrated_url) as connection:
        for entity in ENTITIES:
            make_indexes(connection, entity.table)
        assert connection.execute(DEFINITIONS).fetchall() == found


def test_the_migration_leaves_empty_tables_to_their_first_rows(migrated_url: str, rows: Rows) -> None:
    made = {row["indexname"] for row in rows(SECONDARY)}
    assert not made & {index.name for entity in ENTITIES for index in indexes(entity)}


@pytest.mark.parametrize("missing_extension", EXTENSIONS)
def test_without_an_extension_a_bundle_is_published_all_the_same(
    publish_district: Publish, rows: Rows, migrated_url: str, missing_extension: str
) -> None:
    with psycopg.connect(migrated_url) as connection:
        connection.execute(sql.SQL("DROP EXTENSION {}").format(sql.Identifier(missing_extension)))
    assert publish_district(District()).outcome == "published"
    missing = {index.name for entity in ENTITIES for index in indexes(entity)} - {
        row["indexname"] for row in rows(SECONDARY)
    }
    assert missing == {"users_searched", "classes_searched"}


def test_whoever_may_not_have_the_extension_is_told(database_url: str) -> None:
    notices: list[str] = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("REVOKE CREATE ON DATABASE {} FROM CURRENT_USER").format(name))
        connection.execute(schema.extension_ddl().encode())
        query = "SELECT FROM pg_extension WHERE extname = ANY (%s)"
        assert connection.execute(query, [list(EXTENSIONS)]).fetchone() is None
    assert all(any(name in notice for notice in notices) for name in EXTENSIONS)


def test_a_search_looks_at_its_own_source_only() -> None:
    for entity, name in (("users", "users_searched"), ("classes", "classes_searched")):
        assert index(entity, name).keys[0] == "source"


def test_where_the_extension_cannot_be_had_the_index_before_stays(database_url: str) -> None:
    upgrade(database_url, "0007")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute('CREATE INDEX users_searched ON users USING gin ("email" gin_trgm_ops)')
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("REVOKE CREATE ON DATABASE {} FROM CURRENT_USER").format(name))
        upgrade(database_url)
        (definition,) = connection.execute("SELECT pg_get_indexdef('users_searched'::regclass)").fetchone() or ("",)
    assert definition.endswith("USING gin (email gin_trgm_ops)")


@pytest.fixture
def publisher(pipelines_url: str) -> Iterator[psycopg.Connection]:
    """Somebody who may publish, and owns no table."""
    with psycopg.connect(pipelines_url, autocommit=True) as connection:
        yield connection


def test_whoever_publishes_has_declared_indexes_made_and_no_others(publisher: psycopg.Connection) -> None:
    make_indexes(publisher, "orgs")
    made = {name for (name,) in publisher.execute(SECONDARY.replace("%%", "%").encode())}
    assert {index.name for index in indexes(BY_NAME["orgs"])} <= made
    for table in ("api_keys", "orgs; DROP TABLE users", ""):
        with pytest.raises(psycopg.errors.CaseNotFound):
            make_indexes(publisher, table)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        publisher.execute("CREATE INDEX ON orgs (name)")


def test_a_table_of_the_callers_own_is_not_taken_for_the_rosters(publisher: psycopg.Connection) -> None:
    publisher.execute("CREATE TEMP TABLE orgs (source text)")
    make_indexes(publisher, "orgs")
    found = "SELECT count(*) FROM pg_index WHERE indrelid = {}::regclass"
    assert publisher.execute(found.format("'pg_temp.orgs'").encode()).fetchone() == (0,)
    assert publisher.execute(found.format("'public.orgs'").encode()).fetchone() > (1,)


def test_large_indexes_are_made_by_several_processes(publisher: psycopg.Connection) -> None:
    told: list[str] = []
    publisher.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
    publisher.execute("SET min_parallel_table_scan_size = 0")
    publisher.execute("SET client_min_messages = debug1")
    make_indexes(publisher, "orgs")
    assert any(re.search(r'"orgs_publication_id" on table "orgs" with request for [1-9]', line) for line in told), told


def test_nobody_else_may_have_them_made(migrated_url: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(API_ROLE)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            make_indexes(connection, "orgs")


def test_a_database_that_was_not_migrated_is_told_so(migrated_url: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute("DROP FUNCTION make_indexes")
        with pytest.raises(Refused, match="rosterhub migrate"):
            make_indexes(connection, "orgs")
