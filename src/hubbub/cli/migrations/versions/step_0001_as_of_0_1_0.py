"""The state database as release 0.1.0 made it, which had no version of its own."""

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing: the tables are there."""
