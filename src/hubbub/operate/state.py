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
accounts_table = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("password", sa.String(200), nullable=False),  # as argon2 writes it; "" when a provider signs in
    sa.Column("once_until_ms", sa.BigInteger, nullable=False),  # of a password to be replaced; 0 for a chosen one
    sa.Column("subject", sa.String(64), unique=True),  # hash of the provider and its name of the account
    sa.Column("made_ms", sa.BigInteger, nullable=False),
)
sessions_table = sa.Table(
    "sessions",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True),  # its SHA-256
    sa.Column("account", sa.String(80), nullable=False, index=True),
    sa.Column("seen_ms", sa.BigInteger, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
)
failures_table = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("bucket", sa.String(8), primary_key=True),  # of many names, see `operate.delays`
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_ms", sa.BigInteger, nullable=False),
)
pending_table = sa.Table(
    "pending_sign_ins",
    metadata,
    sa.Column("state", sa.String(64), primary_key=True),  # its SHA-256
    sa.Column("browser", sa.String(64), nullable=False),  # SHA-256 of the cookie that began it
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("verifier", sa.String(128), nullable=False),
    sa.Column("next", sa.String(600), nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
)
api_keys_table = sa.Table(
    "api_keys",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False, unique=True),  # its SHA-256
    sa.Column("scopes", sa.String(80), nullable=False),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Column("is_revoked", sa.Boolean, nullable=False),
)
changes_table = sa.Table(
    "changes",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("who", sa.String(120), nullable=False),
    sa.Column("what", sa.String(80), nullable=False),
    sa.Column("subject", sa.String(600), nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
remarks_table = sa.Table(
    "finding_remarks",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("finding", sa.String(12), nullable=False),  # its name; "" of a note on a source alone
    sa.Column("source", sa.String(255), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("verdict", sa.String(8), nullable=False),
    sa.Column("text", sa.String(400), nullable=False),
    sa.Column("who", sa.String(120), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)
page_targets_table = sa.Table(
    "page_targets",
    metadata,
    sa.Column("name", sa.String(48), primary_key=True),
    sa.Column("packed", sa.Text, nullable=False),  # the target as JSON
    sa.Column("made_by", sa.String(120), nullable=False),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
)

PASSING = (sessions_table, failures_table, pending_table)  # what a backup leaves out: signed-in stays here
