"""A source's local day: where it begins and ends, and its hours, across clock changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOUR_MS = 3_600_000
DAY = timedelta(days=1)


class DayBounds(NamedTuple):
    """Start (inclusive) and end (exclusive) of a local day in milliseconds since 1970 UTC."""

    start_ms: int
    end_ms: int

    @property
    def hours(self) -> int:
        """Number of hour slots: 23, 24 or 25 (zones with half-hour clock changes round up)."""
        return -(-(self.end_ms - self.start_ms) // HOUR_MS)


@lru_cache(maxsize=4096)
def bounds(day: date, zone: str) -> DayBounds:
    """Bounds of the local `day` in the IANA `zone`."""
    tz = ZoneInfo(zone)
    start = datetime.combine(day, time(), tz).astimezone(UTC)
    end = datetime.combine(day + DAY, time(), tz).astimezone(UTC)
    return DayBounds(int(start.timestamp() * 1000), int(end.timestamp() * 1000))


def day_of(ms: int, zone: str) -> date:
    """The local day in which the instant `ms` falls."""
    return datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).date()


def slot_of(ms: int, day: date, zone: str) -> int:
    """The hour slot of the instant `ms` within the local `day`, 0..24."""
    return (ms - bounds(day, zone).start_ms) // HOUR_MS


def slot_label(slot: int, day: date, zone: str) -> str:
    """The wall-clock hour at which a slot starts, like `02:00`; the second one of a doubled hour says so."""
    start = bounds(day, zone).start_ms + slot * HOUR_MS
    local = datetime.fromtimestamp(start / 1000, ZoneInfo(zone))
    return f"{local:%H:%M}" + (" (second)" if local.fold else "")


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    while first <= last:
        yield first
        first += DAY
