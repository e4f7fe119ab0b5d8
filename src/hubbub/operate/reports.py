"""Which reports are due, and that each is sent once."""

from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection

from hubbub.core.alerts import Report
from hubbub.insight.alerting import Look
from hubbub.operate.state import reports_made_table as table

LATE_DAYS = 2  # a report that could not be made on its day is made up to so many days later
CHANNEL = "reports"
WEEK, DAY = timedelta(days=7), timedelta(days=1)


class DueReport(Struct, frozen=True):
    """A report and its days, both included; `period` is `2026-W47` or `2026-10`."""

    report: Report
    period: str
    first: date
    last: date


def due_reports(reports: Sequence[Report], look: Look) -> list[DueReport]:
    """Those whose hour has come, on their day or a little later."""
    due = []
    for report in reports:
        today = look.local.date()
        start = today - timedelta(days=today.weekday()) if report.every == "week" else today.replace(day=1)
        late = (today - start).days
        if late <= LATE_DAYS and (late or look.local.hour >= report.hour):
            first = start - WEEK if report.every == "week" else (start - DAY).replace(day=1)
            due.append(DueReport(report, name_of(report.every, first), first, start - DAY))
    return due


def name_of(every: str, first: date) -> str:
    """The name of the week or month that begins on this day."""
    year, week, _ = first.isocalendar()
    return f"{year}-W{week:02}" if every == "week" else f"{first:%Y-%m}"


def is_made(connection: Connection, due: DueReport) -> bool:
    """Whether it was made before, on whichever machine."""
    same = (table.c.name == due.report.name, table.c.period == due.period)
    return connection.execute(sa.select(table.c.name).where(*same)).first() is not None


def mark_made(connection: Connection, due: DueReport, now_ms: int) -> None:
    """Keep that it was made, in the transaction that puts it into the outbox."""
    connection.execute(sa.insert(table).values(name=due.report.name, period=due.period, made_ms=now_ms))
