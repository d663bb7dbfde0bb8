"""Migrations bring an existing database exactly to the schema that the declarations ask for; the API may only read."""

from typing import Any

import psycopg
import pytest
from psycopg import errors

from pipelines import contract
from pipelines.oneroster.registry import ENTITIES
from pipelines.roster import schema
from pipelines.roster.migrations import upgrade

CATALOG = (
    "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2",
    "SELECT tablename, regexp_replace(indexdef, ' public\\.', ' ') FROM pg_indexes"
    " WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1, 2",
    "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
    " WHERE grantee LIKE 'rosterhub_%' AND table_name <> 'alembic_version' ORDER BY 1, 2, 3",
    "SELECT grantee, table_name, column_name FROM information_schema.column_privileges"
    f" WHERE table_name = '{contract.WAITING_ROWS}' AND grantee = '{contract.API_ROLE}' ORDER BY 3",
    "SELECT relname, relacl::text FROM pg_class"
    " WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace ORDER BY 1",
    "SELECT prosrc, proacl::text, proconfig FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef",
)


def catalog(url: str) -> list[list[Any]]:
    with psycopg.connect(url) as connection:
        return [connection.execute(query).fetchall() for query in CATALOG]


def test_migrations_and_declarations_give_the_same_database(migrated_url: str, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(schema.ddl())
    assert catalog(migrated_url) == catalog(database_url)


def test_migrating_again_does_nothing(migrated_url: str) -> None:
    before = catalog(migrated_url)
    upgrade(migrated_url)
    assert catalog(migrated_url) == before


@pytest.mark.parametrize(
    "table", [*(entity.table for entity in ENTITIES), "publications", "sources", "changes", "api_keys", "backups"]
)
def test_the_api_role_reads_and_cannot_write(migrated_url: str, table: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute(f"SET ROLE {contract.API_ROLE}")
        connection.execute(f"SELECT * FROM {table} LIMIT 1")
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"INSERT INTO {table} DEFAULT VALUES"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_api_role_cannot_see_waiting_rows(migrated_url: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute(f"SET ROLE {contract.API_ROLE}")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(f"SELECT * FROM {contract.WAITING_ROWS}")
