"""What a key may be limited to (organisations, addresses, a rate), and the log of what was asked."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    raise RuntimeError("the audit log is not thrown away; restore a backup made before it")
