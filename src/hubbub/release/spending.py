"""What days have cost, summed from the debits that paid."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from hubbub.core.spending import DaySpent
from hubbub.release.budget import PICO
from hubbub.release.state import PAID, ledger_table

_COLUMNS = ledger_table.c
_BY_DAY = (
    sa.select(
        _COLUMNS.source, _COLUMNS.day, sa.func.count(), sa.func.sum(_COLUMNS.rho), sa.func.sum(_COLUMNS.delta)
    )
    .where(PAID)
    .group_by(_COLUMNS.day, _COLUMNS.source)
)  # fmt: skip


def newest_spent(connection: Connection, limit: int) -> list[DaySpent]:
    """The `limit` newest (source, day), newest day first."""
    return _read(connection, _BY_DAY.order_by(_COLUMNS.day.desc(), _COLUMNS.source).limit(limit))


def spent_since(connection: Connection, first: date) -> list[DaySpent]:
    """All from the day `first` on, in order of days and sources."""
    since = _BY_DAY.where(_COLUMNS.day >= first.isoformat())
    return _read(connection, since.order_by(_COLUMNS.day, _COLUMNS.source))


def _read(connection: Connection, query: sa.Select[Any]) -> list[DaySpent]:
    return [
        DaySpent(source, date.fromisoformat(day), releases, int(rho) / PICO, float(delta))
        for source, day, releases, rho, delta in connection.execute(query)
    ]
