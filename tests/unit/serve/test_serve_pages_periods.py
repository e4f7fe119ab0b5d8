"""Periods: what an address asks for, and what it is compared with."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.errors import QueryError
from hubbub.serve.pages.periods import CHOICES, Period, anchor_day, choose_period, read_period

TODAY = date(2026, 5, 20)
YESTERDAY = date(2026, 5, 19)


def read(**query: str) -> Period:
    return read_period({name.rstrip("_"): value for name, value in query.items()}, YESTERDAY, TODAY)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, date(2026, 5, 13), YESTERDAY),
        ({"period": "today"}, TODAY, TODAY),
        ({"period": "day"}, YESTERDAY, YESTERDAY),
        ({"period": "yesterday"}, YESTERDAY, YESTERDAY),
        ({"period": "30d"}, date(2026, 4, 20), YESTERDAY),
        ({"period": "month"}, date(2026, 5, 1), YESTERDAY),
        ({"period": "12mo"}, date(2025, 6, 1), YESTERDAY),
        ({"period": "7d", "date": "2026-03-07"}, date(2026, 3, 1), date(2026, 3, 7)),
        ({"from": "2026-02-03", "to": "2026-02-10"}, date(2026, 2, 3), date(2026, 2, 10)),
    ],
)
def test_an_address_names_its_days(query: dict[str, str], first: date, last: date) -> None:
    period = read_period(query, YESTERDAY, TODAY)
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"period": "fortnight"}, "period"),
        ({"period": "custom", "from": "2026-02-03"}, "to"),
        ({"from": "2026-02-30", "to": "2026-03-01"}, "from"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "from"),
        ({"from": "2006-03-02", "to": "2026-03-01"}, "from"),
        ({"from": "2026-05-02", "to": "2026-05-21"}, "to"),
        ({"period": "7d", "date": "0007-03-01"}, "date"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(query: dict[str, str], field: str) -> None:
    with pytest.raises(QueryError) as caught:
        read_period(query, YESTERDAY, TODAY)
    assert caught.value.field == field
    assert caught.value.allowed


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({"period": "day"}, date(2026, 5, 12), date(2026, 5, 12)),
        ({"period": "7d"}, date(2026, 5, 6), date(2026, 5, 12)),
        ({"period": "30d"}, date(2026, 3, 21), date(2026, 4, 19)),
        ({"period": "month"}, date(2026, 4, 1), date(2026, 4, 19)),
        ({"period": "12mo"}, date(2024, 6, 1), date(2025, 5, 19)),
        ({"from": "2026-05-01", "to": "2026-05-10"}, date(2026, 4, 21), date(2026, 4, 30)),
    ],
)
def test_each_has_a_period_before(query: dict[str, str], first: date, last: date) -> None:
    before = read_period(query, YESTERDAY, TODAY).before()
    assert (before.first, before.last) == (first, last)


def test_a_day_that_the_month_before_lacks_has_no_partner() -> None:
    march = choose_period("month", date(2026, 3, 31), TODAY, pinned=date(2026, 3, 31))
    assert march.partner(date(2026, 3, 31)) is None
    assert march.partner(date(2026, 3, 28)) == date(2026, 2, 28)
    assert march.before().last == date(2026, 2, 28)


def test_neighbours_lead_back_and_end_at_the_newest_day() -> None:
    assert read().shifted(1) is None
    earlier = read().shifted(-1)
    assert earlier is not None
    assert (earlier.first, earlier.last) == (date(2026, 5, 6), date(2026, 5, 12))
    back = earlier.shifted(1)
    assert back is not None
    assert (back.first, back.last) == (read().first, read().last)
    april = read(period="month").shifted(-1)
    assert april is not None
    assert (april.first, april.last) == (date(2026, 4, 1), date(2026, 4, 30))
    may = april.shifted(1)
    assert may is not None
    assert (may.first, may.last) == (date(2026, 5, 1), YESTERDAY)
    year = read(period="12mo").shifted(-1)
    assert year is not None
    assert (year.first, year.last) == (date(2024, 6, 1), date(2025, 5, 31))


@given(st.sampled_from([choice for choice in CHOICES if choice != "custom"]), st.dates(date(2010, 1, 1), YESTERDAY))
def test_an_address_leads_back_to_its_period(choice: str, day: date) -> None:
    period = read_period({"period": choice, "date": day.isoformat()}, YESTERDAY, TODAY)
    again = read_period(period.query(), YESTERDAY, TODAY)
    assert (again.first, again.last) == (period.first, period.last)
    assert period.first <= period.last <= TODAY
    before = period.before()
    assert before.last < period.last


def test_relative_periods_end_yesterday_unless_the_newest_release_is_long_ago() -> None:
    assert anchor_day(TODAY, None) == YESTERDAY
    assert anchor_day(TODAY, TODAY - timedelta(days=4)) == YESTERDAY
    assert anchor_day(TODAY, date(2015, 6, 20)) == date(2015, 6, 20)
