"""Delays after failed sign-ins: each failure of a name doubles the wait before the next try, and many failures of any
names make everyone wait for the minute to end.

Nothing is kept of who tried. Names are counted in 65,536 buckets by their hash, those of no account like those of
accounts: how long one has to wait does not tell whether an account exists, the table cannot grow, and what someone
typed into the wrong field is not in it. A try is counted before the password is looked at, so that tries at the same
time count, too.
"""

from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy import Connection

from hubbub.operate.state import failures_table

FREE = 3  # tries before the first wait
LONGEST_WAIT_MS = 15 * 60_000
FORGOTTEN_MS = 24 * 3_600_000
MOST_A_MINUTE = 120  # tries of all names; each costs a processor 50 ms and 64 MB
ALL = "all"
_MINUTE_MS = 60_000


def bucket_of(name: str) -> str:
    """The bucket that a name counts in."""
    return sha256(name.casefold().encode("utf-8", "replace")).hexdigest()[:4]


def wait_after(failures: int) -> int:
    """How long to wait after so many failures, in milliseconds: 0, 0, 1 s, 2 s, 4 s … 15 minutes."""
    return 0 if failures < FREE else min(1000 << min(failures - FREE, 20), LONGEST_WAIT_MS)


def begin_try(connection: Connection, name: str, now_ms: int) -> int:
    """Count a try of this name as failed, and give 0; or give how long to wait, in milliseconds, and count nothing."""
    bucket = bucket_of(name)
    count, last_ms = _read(connection, bucket, now_ms)
    wait_ms = last_ms + wait_after(count) - now_ms
    tried, minute_ms = _read(connection, ALL, now_ms)
    if now_ms - minute_ms >= _MINUTE_MS:
        tried, minute_ms = 0, now_ms
    if tried >= MOST_A_MINUTE:
        wait_ms = max(wait_ms, minute_ms + _MINUTE_MS - now_ms)
    if wait_ms > 0:
        return wait_ms
    _write(connection, bucket, count + 1, now_ms)
    _write(connection, ALL, tried + 1, minute_ms)
    return 0


def forget(connection: Connection, name: str) -> None:
    """After a success, or by an admin's word: no more waiting."""
    connection.execute(sa.delete(failures_table).where(failures_table.c.bucket == bucket_of(name)))


def _read(connection: Connection, bucket: str, now_ms: int) -> tuple[int, int]:
    found = connection.execute(sa.select(failures_table).where(failures_table.c.bucket == bucket)).mappings().first()
    if found is None or now_ms - found["last_ms"] >= FORGOTTEN_MS:
        return 0, 0
    return found["count"], found["last_ms"]


def _write(connection: Connection, bucket: str, count: int, last_ms: int) -> None:
    values = {"count": count, "last_ms": last_ms}
    changed = connection.execute(sa.update(failures_table).where(failures_table.c.bucket == bucket).values(values))
    if not changed.rowcount:
        connection.execute(sa.insert(failures_table), {"bucket": bucket, **values})
