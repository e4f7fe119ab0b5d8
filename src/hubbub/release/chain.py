"""What holds for the ledger as a whole, looked up or checked in the transaction that adds to it."""

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from hubbub.core.errors import BudgetSpent, LedgerError
from hubbub.release.budget import Allowance
from hubbub.release.entries import GENESIS, LedgerEntry, Step
from hubbub.release.state import FLOOR, HEAD, TRIAL, ledger_meta_table, ledger_table

ROUNDING = 1 + 1e-9  # deltas are floats: their sum may miss the whole by its last digits


def check_totals(connection: Connection, source: str, days: Iterable[date], allowed: Allowance) -> None:
    """Raises `BudgetSpent` when one of the days would cost more than it is allowed."""
    columns = ledger_table.c
    rho, delta = sa.func.sum(columns.rho), sa.func.sum(columns.delta)
    query = (
        sa.select(columns.day)
        .where(columns.source == source, columns.day.in_([day.isoformat() for day in days]))
        .group_by(columns.day)
        .having(sa.or_(rho > allowed.rho, delta > allowed.delta_thresholds * ROUNDING))
    )
    spent = connection.execute(query).scalars().first()
    if spent is not None:
        raise BudgetSpent(f"{source} {spent}: the day's budget is spent; nothing was drawn")


def check_ends(connection: Connection, made: Sequence[LedgerEntry]) -> None:
    """A slot ends once: with cells or with a gap, never both. Raises `LedgerError`."""
    columns = ledger_table.c
    for source in {each.source for each in made if each.step != Step.DEBIT}:
        days = sorted({each.day.isoformat() for each in made if each.source == source})
        query = (
            sa.select(columns.day)
            .where(columns.source == source, columns.day.in_(days), columns.step != Step.DEBIT)
            .group_by(columns.day, columns.measure, columns.slot)
            .having(sa.func.count() > 1)
        )
        if connection.execute(query).first() is not None:
            raise LedgerError(f"{source}: a slot would end twice; nothing was done")


def floor_of(connection: Connection) -> date:
    """The last day that is not released any more, for it may have been since the backup that this ledger comes from;
    `date.min` without one.
    """
    query = sa.select(ledger_meta_table.c.value).where(ledger_meta_table.c.name == FLOOR)
    found = connection.execute(query).scalar()
    return date.min if found is None else date.fromisoformat(found)


def check_floor(connection: Connection, days: Iterable[date]) -> None:
    """Raises `LedgerError` when one of the days is not released any more."""
    floor = floor_of(connection)
    if any(day <= floor for day in days):
        raise LedgerError(f"days until {floor} may have been released since the backup was made; nothing was drawn")


def head_of(connection: Connection) -> tuple[int, str]:
    """How many entries there are, and the hash of the newest."""
    query = sa.select(ledger_meta_table.c.value).where(ledger_meta_table.c.name == HEAD)
    found = connection.execute(query).scalar()
    if found is None:
        return 0, GENESIS
    seq, _, head = str(found).partition(" ")
    return int(seq), head


def is_trial(connection: Connection) -> bool:
    """Whether any entry was paid from a budget too large to be private."""
    query = sa.select(ledger_meta_table.c.value).where(ledger_meta_table.c.name == TRIAL)
    return connection.execute(query).first() is not None
