"""Indexes for what clients filter and sort by, where tables have rows; empty ones get theirs with their first rows."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    raise RuntimeError("the indexes stay: they take nothing away; drop single ones by hand if they are in the way")
