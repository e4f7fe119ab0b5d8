"""How this room writes into the state database: one writer at a time, all of a change or nothing."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

CHANGES = 0x4855424F  # PostgreSQL advisory lock: "HUBO"


def changing(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction for what operators change; others that change something wait. Durable once the block has ended
    without an error; after an error nothing of it is kept.
    """
    return _alone(engine, sa.select(sa.func.pg_advisory_xact_lock(CHANGES)))


def writing(engine: Engine, table: sa.Table) -> AbstractContextManager[Connection]:
    """The same for what the clock changes: a transaction that nobody else can write the table beside."""
    return _alone(engine, sa.text(f"LOCK TABLE {table.name} IN EXCLUSIVE MODE"))


@contextmanager
def _alone(engine: Engine, lock: sa.Executable) -> Iterator[Connection]:
    """A transaction that takes the lock on PostgreSQL, and the whole file on SQLite, before anything else."""
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
            connection.execute(lock)
            yield connection
