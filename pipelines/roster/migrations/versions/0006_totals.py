"""How many records the generation served has. Sources count theirs when they are published next; until then it is
counted whenever somebody asks."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    op.drop_table("totals")
