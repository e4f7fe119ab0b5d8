"""The tables that this room has in the state database; whoever opens it (`cli`) makes them."""

import sqlalchemy as sa

metadata = sa.MetaData()

alert_states_table = sa.Table(
    "alert_states",
    metadata,
    sa.Column("rule", sa.String(40), primary_key=True),
    sa.Column("thing", sa.String(160), primary_key=True),
    sa.Column("packed", sa.LargeBinary, nullable=False),
)
silences_table = sa.Table(
    "silences",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("rule", sa.String(40), nullable=False),
    sa.Column("thing", sa.String(160), nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.String(120), nullable=False),
    sa.Column("why", sa.String(400), nullable=False),
)
outbox_table = sa.Table(
    "outbox",
    metadata,
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
    sa.Index("outbox_due", "standing", "due_ms"),
)
reports_made_table = sa.Table(
    "reports_made",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("period", sa.String(8), primary_key=True),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
)
