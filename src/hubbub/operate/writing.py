"""How this room writes into the state database: one writer at a time, all of a change or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

CHANGES = 0x4855424F  # PostgreSQL advisory lock: "HUBO"


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """A transaction for what operators change; others that change something wait. Durable once the block has ended
    without an error; after an error nothing of it is kept.
    """
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
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CHANGES)))
            yield connection
