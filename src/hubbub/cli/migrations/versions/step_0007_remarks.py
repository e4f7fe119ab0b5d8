"""What analysts write in the pages: remarks on findings and days, and targets."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "finding_remarks",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("finding", sa.String(12), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("verdict", sa.String(8), nullable=False),
        sa.Column("text", sa.String(400), nullable=False),
        sa.Column("who", sa.String(120), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "page_targets",
        sa.Column("name", sa.String(48), primary_key=True),
        sa.Column("packed", sa.Text, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
