"""The tables of the release room in the state database, and how they are written: one writer at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

WHOLE_DAY = -1  # the slot column of what is not an hour
HEAD = "head"  # of ledger_meta: count of entries and the newest one's hash
TRIAL = "trial"  # of ledger_meta: the first entry of a budget too large to be private
FLOOR = "floor"  # of ledger_meta: the last day of which this ledger, restored from a backup, may not know all
CLAIM = 0x48554242  # PostgreSQL advisory lock: "HUBB"
KEEPER = CLAIM + 1

PAID = sa.text("step = 'debit' AND pays = ''")  # what cost something: a year of it is read for a page

metadata = sa.MetaData()

ledger_table = sa.Table(
    "ledger",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("step", sa.String(8), nullable=False),
    sa.Column("source", sa.String(253), nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("measure", sa.String(32), nullable=False),
    sa.Column("slot", sa.SmallInteger, nullable=False),
    sa.Column("slots", sa.SmallInteger, nullable=False),
    sa.Column("plan", sa.String(64), nullable=False),
    sa.Column("rho", sa.BigInteger, nullable=False),
    sa.Column("delta", sa.Double, nullable=False),
    sa.Column("scale", sa.String(48), nullable=False),
    sa.Column("l2_squared", sa.BigInteger, nullable=False),
    sa.Column("bound", sa.String(128), nullable=False),
    sa.Column("threshold", sa.BigInteger, nullable=False),
    sa.Column("key_list", sa.String(64), nullable=False),
    sa.Column("input", sa.String(64), nullable=False),
    sa.Column("cells", sa.String(64), nullable=False),
    sa.Column("gap", sa.String(16), nullable=False),
    sa.Column("pays", sa.String(64), nullable=False),
    sa.Column("trial", sa.Boolean, nullable=False),
    sa.Column("hour", sa.String(20), nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.UniqueConstraint("source", "day", "measure", "slot", "step"),
    sa.Index("ledger_by_day", "day", "source"),
    sa.Index("ledger_paid", "day", "source", "rho", "delta", sqlite_where=PAID, postgresql_where=PAID),
)
drawn_table = sa.Table(
    "drawn",
    metadata,
    sa.Column("entry", sa.String(64), primary_key=True),
    sa.Column("cells", sa.LargeBinary, nullable=False),
)
key_lists_table = sa.Table(
    "key_lists",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("packed", sa.LargeBinary, nullable=False),
)
plans_table = sa.Table(
    "plans",
    metadata,
    sa.Column("plan", sa.String(64), primary_key=True),  # as it stands in entries: name, version, hash
    sa.Column("packed", sa.LargeBinary, nullable=False),
)
plan_changes_table = sa.Table(
    "plan_changes",
    metadata,
    sa.Column("source", sa.String(253), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("plan", sa.String(64), nullable=False),
)
ledger_meta_table = sa.Table(
    "ledger_meta",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("value", sa.String(80), nullable=False),
)
known_keys_table = sa.Table(
    "known_keys",
    metadata,
    sa.Column("source", sa.String(253), primary_key=True),
    sa.Column("dimension", sa.String(16), primary_key=True),
    sa.Column("key", sa.String(1024), primary_key=True),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("since", sa.String(10), nullable=False),
)


def open_state(path: Path) -> Engine:
    """The state database in an SQLite file, made when missing, readable by this user alone.

    A committed transaction is on disk (`synchronous=FULL`); readers do not wait for the writer (WAL). Errors quote no
    values: what was drawn and could not be kept, or is hidden, must not stand in a log.
    """
    if not path.exists():
        path.touch(mode=0o600)
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 60}, hide_parameters=True)

    def prepare(connection: Any, _: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    sa.event.listen(engine, "connect", prepare)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that nobody else can write beside, durable once the block ends without an error."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
    else:
        with engine.begin() as connection:
            connection.exec_driver_sql("LOCK TABLE ledger IN EXCLUSIVE MODE")
            yield connection


@contextmanager
def claim(engine: Engine) -> Iterator[None]:
    """Hold the door: one close or hour release at a time, in any process; others wait here.

    Without it a second close would take the first one's debits for those of a crash. The claim ends with the
    process, however it ends.
    """
    if engine.dialect.name == "sqlite":
        with open(f"{engine.url.database}.claim", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    else:
        with _held(engine, sa.func.pg_advisory_lock(CLAIM)):
            yield


@contextmanager
def claim_keeping(engine: Engine) -> Iterator[bool]:
    """Whether this process alone keeps the clock of the home now; no one waits here. It ends with the process."""
    if engine.dialect.name == "sqlite":
        with open(f"{engine.url.database}.keeper", "a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
    else:
        with _held(engine, sa.func.pg_try_advisory_lock(KEEPER)) as is_held:
            yield is_held


@contextmanager
def _held(engine: Engine, lock: sa.ColumnElement[Any]) -> Iterator[bool]:
    """A lock of a connection of its own, outside of any transaction; what taking it says. It ends with the connection:
    when that is lost others may go on, which costs no privacy, for a slot is debited once and ends once.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        taken = connection.execute(sa.select(lock)).scalar()
        try:
            yield bool(taken is not False)
        finally:
            try:
                connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))
            except sa.exc.DBAPIError:
                connection.invalidate()
