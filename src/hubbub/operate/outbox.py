"""The outbox: messages that wait to be sent, one row a recipient, in the state database.

A message is put there in the transaction that changes what it tells, so neither is lost without the other. A sender
claims a row for `LEASE_MS`, sends it, and marks it. Two senders never have the same row at a time; but when a sender
dies between sending and marking, the row is sent again once the lease is over. So every message carries its row's key,
the same in each attempt: exactly once is at least once and a key that the receiver can tell repeats by.
"""

from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import Literal

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Engine

from hubbub.operate.messages import Message
from hubbub.operate.state import outbox_table as table

SECOND_MS = 1000
LEASE_MS = 300 * SECOND_MS  # longer than any attempt may take
FIRST_WAIT_MS, LONGEST_WAIT_MS = 60 * SECOND_MS, 6 * 3600 * SECOND_MS
GIVE_UP_AFTER_MS = 3 * 86_400 * SECOND_MS
KEPT_MS = 30 * 86_400 * SECOND_MS  # what was sent or given up is listed for so long
LONGEST_SAID = 200

Standing = Literal["waiting", "sent", "given_up"]


class Letter(Struct, frozen=True):
    """A row of the outbox.

    recipient  a mail address; "" where the channel is one receiver
    attempts   how often it was claimed
    said       what came of the last attempt
    """

    key: str
    channel: str
    recipient: str
    title: str
    standing: Standing
    created_ms: int
    due_ms: int
    attempts: int
    said: str


class Outcome(Struct, frozen=True):
    """What came of an attempt: sent, to be tried later (not within `after_s` seconds), or never to be tried again."""

    ended: Literal["sent", "later", "never"]
    said: str
    after_s: float = 0.0


def put(connection: Connection, channel: str, recipients: Iterable[str], message: Message, now_ms: int) -> list[str]:
    """Put a message into the outbox for each recipient, unless it is there; the keys."""
    packed = msgspec.msgpack.encode(message)
    keys = []
    for recipient in recipients:
        parts = (channel, recipient, now_ms, sha256(packed).hexdigest())
        key = sha256(msgspec.json.encode(parts)).hexdigest()[:32]
        keys.append(key)
        if connection.execute(sa.select(table.c.key).where(table.c.key == key)).first():
            continue
        connection.execute(
            sa.insert(table).values(
                key=key,
                channel=channel,
                recipient=recipient,
                title=message.title[:200],
                standing="waiting",
                created_ms=now_ms,
                due_ms=now_ms,
                attempts=0,
                claimed_by="",
                claimed_until_ms=0,
                said="",
                packed=packed,
            )
        )
    return keys


def claim(engine: Engine, sender: str, now_ms: int, without: Collection[str] = ()) -> tuple[Letter, Message] | None:
    """The message that is due for longest and nobody else sends, claimed for this sender; None when there is none.

    without  channels that are left alone
    """
    free = sa.and_(table.c.standing == "waiting", table.c.due_ms <= now_ms, table.c.claimed_until_ms <= now_ms)
    wanted = sa.select(table).where(free, table.c.channel.not_in(list(without)))
    while True:
        with engine.connect() as connection:
            row = connection.execute(wanted.order_by(table.c.due_ms, table.c.key).limit(1)).one_or_none()
        if row is None:
            return None
        mine = {"claimed_by": sender, "claimed_until_ms": now_ms + LEASE_MS, "attempts": row.attempts + 1}
        with engine.begin() as connection:
            same = (table.c.key == row.key, table.c.attempts == row.attempts, free)
            taken = connection.execute(sa.update(table).where(*same).values(**mine)).rowcount
        if taken:
            letter = _letter(row)
            message = msgspec.msgpack.decode(row.packed, type=Message)
            return msgspec.structs.replace(letter, attempts=letter.attempts + 1), message


def settle(engine: Engine, letter: Letter, outcome: Outcome, now_ms: int) -> Standing:
    """Mark what came of an attempt; how the message stands then.

    What was sent is sent, even if the claim ran out meanwhile; anything else is only said by who has the claim still.
    """
    same = [table.c.key == letter.key, table.c.standing == "waiting"]
    if outcome.ended != "sent":
        same.append(table.c.attempts == letter.attempts)
    standing: Standing = "sent" if outcome.ended == "sent" else "waiting"
    due_ms = now_ms + max(wait_ms(letter.key, letter.attempts), int(outcome.after_s * SECOND_MS))
    if outcome.ended == "never" or (standing == "waiting" and due_ms > letter.created_ms + GIVE_UP_AFTER_MS):
        standing = "given_up"
    values = {"standing": standing, "due_ms": due_ms, "claimed_by": "", "claimed_until_ms": 0}
    with engine.begin() as connection:
        connection.execute(sa.update(table).where(*same).values(**values, said=outcome.said[:LONGEST_SAID]))
    return standing


def wait_ms(key: str, attempts: int) -> int:
    """How long to wait after so many attempts: doubled each time, up to six hours, and up to a quarter more or less, as
    key and attempt say, so that what failed together is not tried together.
    """
    longest = min(FIRST_WAIT_MS * 2 ** min(attempts - 1, 30), LONGEST_WAIT_MS)
    spread = int.from_bytes(sha256(f"{key} {attempts}".encode()).digest()[:4], "big") / 2**32
    return int(longest * (0.75 + spread / 2))


def letters(connection: Connection, keys: Collection[str] = ()) -> list[Letter]:
    """What waits, was sent or given up, newest first; with `keys` those alone."""
    columns = [column for column in table.c if column.name != "packed"]
    query = sa.select(*columns).order_by(table.c.created_ms.desc(), table.c.key)
    if keys:
        query = query.where(table.c.key.in_(list(keys)))
    return [_letter(row) for row in connection.execute(query)]


def counts(connection: Connection) -> dict[str, int]:
    """How many messages stand how."""
    query = sa.select(table.c.standing, sa.func.count()).group_by(table.c.standing)
    return {row[0]: row[1] for row in connection.execute(query)}


def forget_old(connection: Connection, now_ms: int) -> None:
    """Remove what was sent or given up a month ago."""
    old = (table.c.standing != "waiting", table.c.created_ms < now_ms - KEPT_MS)
    connection.execute(sa.delete(table).where(*old))


def _letter(row: sa.Row[tuple[object, ...]]) -> Letter:
    """The row without what it holds."""
    return msgspec.convert(row, Letter, from_attributes=True)
