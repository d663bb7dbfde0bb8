"""Alembic's entry: one connection, one transaction for all migrations that are due."""

from alembic import context
from sqlalchemy import create_engine, pool

from pipelines.roster.migrations import locks

engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(locks.WAIT_SECONDS * 1000)}")
        context.run_migrations()
