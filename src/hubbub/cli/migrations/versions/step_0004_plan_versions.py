"""Versions of plans, and an index for what a year cost. Of plans before this only the names are known; their versions
are found in the entries.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PAID = sa.text("step = 'debit' AND pays = ''")
FIND = """
INSERT INTO plan_changes (source, seq, day, plan)
SELECT source, seq, day, plan
FROM (
    SELECT source, seq, day, plan, lag(plan) OVER (PARTITION BY source ORDER BY seq) AS before
    FROM ledger
    WHERE step = 'debit' AND pays = ''
) AS debits
WHERE plan <> coalesce(before, '')
"""


def upgrade() -> None:
    """Make the table and the index, and find the versions in the entries."""
    op.create_table(
        "plan_changes",
        sa.Column("source", sa.String(253), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("plan", sa.String(64), nullable=False),
        if_not_exists=True,
    )
    op.create_index(
        "ledger_paid",
        "ledger",
        ["day", "source", "rho", "delta"],
        if_not_exists=True,
        sqlite_where=PAID,
        postgresql_where=PAID,
    )
    op.execute("DELETE FROM plan_changes")
    op.execute(FIND)
