"""When reports are due, of which days, and that each is made once."""

from datetime import UTC, date, datetime

import pytest
from operate_databases import database as database
from sqlalchemy import Engine

from hubbub.core.alerts import Report
from hubbub.insight.alerting import Look
from hubbub.operate.reports import due_reports, is_made, mark_made

WEEKLY = Report("monday", ("a@city.example",))
MONTHLY = Report("first", ("a@city.example",), "month", hour=0)


def at(day: int, hour: int, month: int = 11, year: int = 2026) -> Look:
    """An hour in UTC, which is an hour later on Vienna's clocks."""
    return Look(int(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000), "Europe/Vienna")


@pytest.mark.parametrize(
    ("look", "is_due"),
    [
        (at(23, 5), False),
        (at(23, 6), True),
        (at(24, 0), True),
        (at(25, 22), True),
        (at(26, 6), False),
        (at(22, 6), False),
    ],
)
def test_a_week_is_told_on_monday_from_its_hour_on_or_a_little_later(look: Look, is_due: bool) -> None:
    found = due_reports([WEEKLY], look)
    assert bool(found) is is_due
    if is_due:
        assert (found[0].period, found[0].first, found[0].last) == ("2026-W47", date(2026, 11, 16), date(2026, 11, 22))


def test_a_month_is_told_on_the_first() -> None:
    assert due_reports([MONTHLY], at(30, 12)) == []
    (found,) = due_reports([MONTHLY], at(30, 23))  # midnight is past in Vienna
    assert (found.period, found.first, found.last) == ("2026-11", date(2026, 11, 1), date(2026, 11, 30))
    (found,) = due_reports([MONTHLY], at(1, 6, 1, 2027))
    assert (found.period, found.first, found.last) == ("2026-12", date(2026, 12, 1), date(2026, 12, 31))


def test_the_week_around_new_year_is_one() -> None:
    (found,) = due_reports([WEEKLY], at(4, 8, 1, 2027))
    assert (found.period, found.last) == ("2026-W53", date(2027, 1, 3))


def test_what_was_made_is_known(database: Engine) -> None:
    (due,) = due_reports([WEEKLY], at(23, 8))
    (later,) = due_reports([WEEKLY], at(30, 8))
    with database.begin() as connection:
        assert not is_made(connection, due)
        mark_made(connection, due, 1)
    with database.connect() as connection:
        assert is_made(connection, due)
        assert not is_made(connection, later)
