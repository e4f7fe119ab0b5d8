"""The texts of plans, by the name that stands in ledger entries."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "plans",
        sa.Column("plan", sa.String(64), primary_key=True),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        if_not_exists=True,
    )
