"""The log of changes: who changed what, when, from what to what. Only ever added to, and chained by hashes.

Every change of state that an operator makes goes through `record`, in the transaction of the change itself:

    with changing(engine) as connection:
        ...
        record(connection, operator, "finding confirmed", key, before, after, now_ms)
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Engine

from hubbub.operate.roles import Operator
from hubbub.operate.state import changes_table

LONGEST_TEXT = 4_000
_BEGIN = "0" * 64


class Change(Struct, frozen=True):
    """One line of the log.

    seq     1, 2, 3 …
    at_ms   milliseconds since 1970 UTC
    who     name of an account, `key NAME` for an API key, or `command line`
    what    in two or three words: `account added`
    subject of which account, key, finding …
    before, after  the state in words, "" for none; never a secret
    hash    of this line and the hash before it
    """

    seq: int
    at_ms: int
    who: str
    what: str
    subject: str
    before: str
    after: str
    hash: str


def record(
    connection: Connection, operator: Operator, what: str, subject: str, before: str, after: str, now_ms: int
) -> None:
    """Add a line to the log. `connection` is in the transaction of the change, opened by `changing`."""
    last = connection.execute(sa.select(changes_table).order_by(changes_table.c.seq.desc()).limit(1)).mappings().first()
    previous = last["hash"] if last else _BEGIN
    line = Change(
        last["seq"] + 1 if last else 1,
        now_ms,
        operator.name,
        what,
        subject[:600],
        before[:LONGEST_TEXT],
        after[:LONGEST_TEXT],
        "",
    )
    connection.execute(sa.insert(changes_table), {**msgspec.structs.asdict(line), "hash": _hash(line, previous)})


def read_changes(engine: Engine, limit: int, before: int | None = None) -> Sequence[Change]:
    """The newest `limit` lines, newest first; with `before`, those older than the line of this number."""
    query = sa.select(changes_table).order_by(changes_table.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(changes_table.c.seq < before)
    with engine.connect() as connection:
        return [Change(**row) for row in connection.execute(query).mappings()]


def all_changes(engine: Engine) -> Iterator[Change]:
    """The whole log, oldest first."""
    with engine.connect() as connection:
        for row in connection.execute(sa.select(changes_table).order_by(changes_table.c.seq)).mappings():
            yield Change(**row)


def first_broken(engine: Engine) -> int | None:
    """Number of the first line that is not as it was written, or follows a gap; None when all of them are."""
    previous, expected = _BEGIN, 1
    for line in all_changes(engine):
        if line.seq != expected or line.hash != _hash(line, previous):
            return expected
        previous, expected = line.hash, expected + 1
    return None


def _hash(line: Change, previous: str) -> str:
    fields = [line.seq, line.at_ms, line.who, line.what, line.subject, line.before, line.after]
    return sha256(previous.encode() + msgspec.json.encode(fields)).hexdigest()
