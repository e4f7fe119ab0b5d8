"""Brings a state database of an earlier release up to this one's, when it is opened.

A new database is made as the tables say and marked with the newest step; one of release 0.1.0, which knew no steps, is
taken to stand at the first. An SQLite file is copied beside itself before the first step is taken.
"""

import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from hubbub.core.errors import Refused
from hubbub.operate.state import metadata as of_operators
from hubbub.release.state import claim, metadata

FIRST, NEWEST = "0001", "0007"
VERSION = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32)))


def upgrade(engine: Engine) -> None:
    """Make the tables, or bring them up to date; nearly nothing when they are. Waits for a close under way.

    Raises Refused for a database of a later release.
    """
    if _step_of(engine) == NEWEST:
        return
    with claim(engine):
        found = _step_of(engine)
        if found != NEWEST:
            _bring_up(engine, found)


def _bring_up(engine: Engine, found: str | None) -> None:
    running = import_module("hubbub.cli.migrations.running")
    if found is not None and found not in running.steps():
        raise Refused(f"the state database was made by a later release (step {found}); install that release")
    is_new = not sa.inspect(engine).has_table("ledger")
    if is_new:
        metadata.create_all(engine)
        of_operators.create_all(engine)
    elif engine.dialect.name == "sqlite":
        _copy(Path(str(engine.url.database)), found or FIRST)
    with engine.begin() as connection:
        if is_new or found is None:
            running.stamp(connection, NEWEST if is_new else FIRST)
        running.take(connection, NEWEST)


def _step_of(engine: Engine) -> str | None:
    """The step at which the database stands; None when it has never taken one."""
    if not sa.inspect(engine).has_table(VERSION.name):
        return None
    with engine.connect() as connection:
        return connection.execute(sa.select(VERSION.c.version_num)).scalar()


def _copy(path: Path, step: str) -> None:
    """A whole copy of the database as it is before its next step, readable by this user alone."""
    target = path.with_name(f"{path.name}.at-{step}")
    target.unlink(missing_ok=True)
    target.touch(0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
