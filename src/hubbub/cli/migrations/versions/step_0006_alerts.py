"""Alerts: their states, silences, the outbox, and which reports were made."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "alert_states",
        sa.Column("rule", sa.String(40), primary_key=True),
        sa.Column("thing", sa.String(160), primary_key=True),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "silences",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("thing", sa.String(160), nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("why", sa.String(400), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "outbox",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("standing", sa.String(8), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claimed_by", sa.String(80), nullable=False),
        sa.Column("claimed_until_ms", sa.BigInteger, nullable=False),
        sa.Column("said", sa.String(200), nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_index("outbox_due", "outbox", ["standing", "due_ms"], if_not_exists=True)
    op.create_table(
        "reports_made",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("period", sa.String(8), primary_key=True),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
