"""What is told of backups: when each was made, how large, and whether it restored."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    raise RuntimeError("what is told of backups is not thrown away; restore a backup made before it")
