"""An index for what was spent by day: the ledger's page would otherwise read every entry of all years."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ledger_by_day", "ledger", ["day", "source"], if_not_exists=True)
