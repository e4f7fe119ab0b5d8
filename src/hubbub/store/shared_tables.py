"""The tables of the store in a PostgreSQL state database, and its locks. None of them holds a secret in clear."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from hubbub.core.errors import Overloaded, StoreError

metadata = sa.MetaData()

cluster_table = sa.Table(
    "cluster",
    metadata,
    sa.Column("number", sa.SmallInteger, primary_key=True, autoincrement=False),  # 1: there is one row
    sa.Column("name", sa.String(32), nullable=False),  # random; stands in the shared folders, too
    sa.Column("epoch", sa.BigInteger, nullable=False),  # raised whenever a day is closed or destroyed
    sa.Column("batch", sa.String(64), nullable=False),  # the last one that was committed
    sa.Column("marked", sa.String(64), nullable=False),  # the folders that carry the name
)
secrets_table = sa.Table(
    "secrets",
    metadata,
    sa.Column("source", sa.String(253), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("state", sa.String(1), nullable=False),
    sa.Column("hour", sa.String(13), nullable=False),
    sa.Column("wrapping", sa.String(32), nullable=False),  # names the files that unwrap the two; "" for none
    sa.Column("visitor", sa.LargeBinary, nullable=False),  # wrapped; empty once destroyed
    sa.Column("data", sa.LargeBinary, nullable=False),  # wrapped; empty once destroyed
)
writers_table = sa.Table(
    "writers",
    metadata,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("host", sa.String(64), nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),  # no commit under way began before it was known
    sa.Column("beat", sa.BigInteger, nullable=False),
    sa.Column("renewed", sa.DateTime(timezone=True), nullable=False),  # by the database's clock
)


class Lock(IntEnum):
    """Advisory locks of PostgreSQL: "HUBB" and a number, apart from that of the release room's claim."""

    TABLES = 0x48554242_0001
    KEYS = 0x48554242_0002
    BATCHES = 0x48554242_0003
    COMPACTION = 0x48554242_0004


class Unanswered(Overloaded):
    """The database does not answer just now."""


@contextmanager
def answering() -> Iterator[None]:
    """What the database raises as errors of the store, without any value: `Unanswered` or `StoreError`."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.TimeoutError) as error:
        raise Unanswered(f"the state database does not answer ({type(error).__name__})") from None
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise Unanswered("the connection to the state database was lost") from None
        raise StoreError(f"the state database refuses the keys' tables ({type(error).__name__})") from None


@contextmanager
def transaction(engine: Engine, lock: Lock | None = None) -> Iterator[Connection]:
    """A transaction, durable once the block ends without an error; with a lock until then. Raises as `answering`."""
    with answering(), engine.begin() as connection:
        if lock is not None:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(int(lock))))
        yield connection


@contextmanager
def locked(engine: Engine, lock: Lock, *, shared: bool = False) -> Iterator[None]:
    """A lock that ends with the block, the process or the connection. Raises as `answering`."""
    take, leave = sa.func.pg_advisory_lock, sa.func.pg_advisory_unlock
    if shared:
        take, leave = sa.func.pg_advisory_lock_shared, sa.func.pg_advisory_unlock_shared
    with answering():
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with answering():
            connection.execute(sa.select(take(int(lock))))
        yield
    finally:
        try:
            connection.execute(sa.select(leave(int(lock))))
        except sa.exc.DBAPIError:
            connection.invalidate()  # with the connection goes the lock
        connection.close()
