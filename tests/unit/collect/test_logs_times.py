"""When a request was: hours of logs, local days with 23 and 25 hours, and offsets of half and quarter hours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.collect.logs.times import days_closed, hour_start, hour_starts, is_plausible, local_hours
from hubbub.core.days import bounds, day_of, slot_of


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("20/Feb/2016:00-0500", "2016-02-20T05:00"),
        ("10/Jun/2024:12+0530", "2024-06-10T06:30"),
        ("2024-06-10 12Z", "2024-06-10T12:00"),
        ("2024-06-10 12+02:00", "2024-06-10T10:00"),
        ("2024-06-10 12-0345", "2024-06-10T15:45"),
    ],
)
def test_an_hour_is_read_with_its_offset(text: str, iso: str) -> None:
    assert hour_start(text) == int(datetime.fromisoformat(iso).replace(tzinfo=UTC).timestamp()) * 1000


@pytest.mark.parametrize(
    "text",
    ["31/Feb/2016:00-0500", "20/Foo/2016:00+0000", "20/Feb/2016:24+0000", "2024-13-01 00Z", "20/Feb/0000:00+0000",
     "20/Feb/2016:00+9999", "", "12"],
)  # fmt: skip
def test_an_hour_that_cannot_be_is_none(text: str) -> None:
    assert hour_start(text) is None
    assert not is_plausible(hour_starts([text, None])).any()


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2024, 3, 31), "Europe/Vienna", 23),
        (date(2024, 10, 27), "Europe/Vienna", 25),
        (date(2024, 6, 1), "Asia/Kathmandu", 24),
        (date(2024, 4, 7), "Australia/Lord_Howe", 25),
    ],
)
def test_every_quarter_of_a_day_has_its_day_and_slot(day: date, zone: str, hours: int) -> None:
    start, end = bounds(day, zone)
    ms = np.arange(start - 900_000, end + 900_000, 450_000, dtype=np.int64)
    days, slots = local_hours(ms, zone)
    assert days.tolist() == [day_of(at, zone).toordinal() for at in ms.tolist()]
    assert slots.tolist() == [slot_of(at, day_of(at, zone), zone) for at in ms.tolist()]
    assert int(slots[days == day.toordinal()].max()) == hours - 1


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 4_000_000_000), max_size=20),
    st.sampled_from(["Europe/Vienna", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"]),
)
def test_days_are_those_of_the_zone_at_any_time(seconds: list[int], zone: str) -> None:
    days, _ = local_hours(np.array(seconds, dtype=np.int64) * 1000, zone)
    local = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at) for at in seconds]
    assert days.tolist() == [at.astimezone(ZoneInfo(zone)).date().toordinal() for at in local]


def test_each_day_is_asked_once_whether_it_is_closed() -> None:
    asked = []

    def is_closed(day: date) -> bool:
        asked.append(day)
        return day.day == 2

    days = np.array([date(2024, 1, day).toordinal() for day in (1, 2, 2, 1, 3)])
    by_day, by_line = days_closed(days, is_closed)
    assert by_line.tolist() == [False, True, True, False, False]
    assert by_day == {date(2024, 1, 1): False, date(2024, 1, 2): True, date(2024, 1, 3): False}
    assert len(asked) == 3
