"""Sessions of signed-in operators. Of a session's token only the SHA-256 is kept; it ends when it is idle, when its
time is over, at sign-out, and with its account.
"""

import hmac
import secrets
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from hubbub.operate.roles import Operator, Role
from hubbub.operate.state import accounts_table, sessions_table
from hubbub.operate.transactions import changing

IDLE_MS = 2 * 3_600_000
LONGEST_MS = 12 * 3_600_000
SEEN_EVERY_MS = 60_000  # a request within this time writes nothing
LONGEST_TOKEN = 100
ACTIVE = "active"


def begin_session(connection: Connection, account: str, now_ms: int) -> str:
    """A new session's token, 256 random bits; it is told once."""
    connection.execute(sa.delete(sessions_table).where(_is_over(now_ms)))
    token = secrets.token_urlsafe(32)
    row = {"token": digest(token), "account": account, "seen_ms": now_ms, "until_ms": now_ms + LONGEST_MS}
    connection.execute(sa.insert(sessions_table), row)
    return token


def find_operator(engine: Engine, token: str, now_ms: int) -> Operator | None:
    """Who is signed in by this token; None when its session is over or its account is not active."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    kept = digest(token)
    query = (
        sa.select(accounts_table, sessions_table.c.seen_ms)
        .join(sessions_table, sessions_table.c.account == accounts_table.c.name)
        .where(sessions_table.c.token == kept, sa.not_(_is_over(now_ms)), accounts_table.c.standing == ACTIVE)
    )
    with engine.connect() as connection:
        found = connection.execute(query).mappings().first()
    if found is None:
        return None
    if now_ms - found["seen_ms"] >= SEEN_EVERY_MS:
        with changing(engine) as connection:
            seen = sa.update(sessions_table).where(sessions_table.c.token == kept).values(seen_ms=now_ms)
            connection.execute(seen)
    return Operator(
        found["name"], Role(found["role"]), form_token(token), bool(found["once_until_ms"]), bool(found["password"])
    )


def end_session(engine: Engine, token: str) -> None:
    """Sign out."""
    with changing(engine) as connection:
        connection.execute(sa.delete(sessions_table).where(sessions_table.c.token == digest(token)))


def end_sessions(connection: Connection, account: str) -> None:
    """Sign an account out everywhere."""
    connection.execute(sa.delete(sessions_table).where(sessions_table.c.account == account))


def form_token(token: str) -> str:
    """What forms carry to show that they were made for the browser that has this token. It is another one each time, so
    that the size of packed pages tells nothing of it.
    """
    salt = secrets.token_hex(8)
    return salt + _signed(token, salt)


def is_form_token(token: str, sent: str) -> bool:
    """Whether a form was made for the browser that has this token; takes the same time whatever was sent."""
    expected = _signed(token, sent[:16]).encode()
    return hmac.compare_digest(expected, sent[16:].encode("utf-8", "replace")) and bool(token)


def _signed(token: str, salt: str) -> str:
    return hmac.digest(token.encode("utf-8", "replace"), b"form " + salt.encode("utf-8", "replace"), "sha256").hex()


def digest(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def _is_over(now_ms: int) -> sa.ColumnElement[bool]:
    return sa.or_(sessions_table.c.until_ms <= now_ms, sessions_table.c.seen_ms <= now_ms - IDLE_MS)
