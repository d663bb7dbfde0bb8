"""The first schema: a table per entity of OneRoster 1.2, the ledger, sources, waiting rows and API keys."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    raise RuntimeError("the first schema is not taken back; restore a backup made before it")
