"""Local days across clock changes."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.days import bounds, day_of, days_between, slot_label, slot_of

ZONES = ("UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo")


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 3, 29), "Europe/Vienna", 23),
        (date(2026, 10, 25), "Europe/Vienna", 25),
        (date(2026, 6, 1), "Europe/Vienna", 24),
        (date(2026, 4, 5), "Australia/Lord_Howe", 25),  # half an hour longer
    ],
)
def test_hours_of_a_day(day: date, zone: str, hours: int) -> None:
    assert bounds(day, zone).hours == hours


@given(st.integers(0, 2**41), st.sampled_from(ZONES))
def test_every_instant_is_in_one_slot_of_its_day(ms: int, zone: str) -> None:
    day = day_of(ms, zone)
    start, end = bounds(day, zone)
    assert start <= ms < end
    assert 0 <= slot_of(ms, day, zone) < bounds(day, zone).hours


def test_the_doubled_hour_is_told_apart() -> None:
    day = date(2026, 10, 25)
    labels = [slot_label(slot, day, "Europe/Vienna") for slot in range(25)]
    assert labels[1:5] == ["01:00", "02:00", "02:00 (second)", "03:00"]
    assert len(set(labels)) == 25


def test_midnight_belongs_to_the_new_day() -> None:
    ms = int(datetime(2026, 6, 1, 22, 0, tzinfo=UTC).timestamp() * 1000)
    assert day_of(ms, "Europe/Vienna") == date(2026, 6, 2)
    assert day_of(ms - 1, "Europe/Vienna") == date(2026, 6, 1)


def test_days_between_includes_both_ends() -> None:
    assert list(days_between(date(2026, 2, 27), date(2026, 3, 1))) == [
        date(2026, 2, 27),
        date(2026, 2, 28),
        date(2026, 3, 1),
    ]
