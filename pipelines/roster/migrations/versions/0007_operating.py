"""What operators see and switch: how Dagster's runs do, as the API can tell it, and the switch of maintenance."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())


def downgrade() -> None:
    for table in ("run_states", "last_runs", "maintenance"):
        op.drop_table(table)
