"""When a line's request was: from the hours a log names, each read once, to the site's local day and hour slot."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from hubbub.core.days import day_of, slot_of

QUARTER_MS = 900_000  # every offset of a time zone since 1972 is a multiple of a quarter of an hour
_APACHE_HOUR = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d)([+-]\d{4}|)")
_ISO_HOUR = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d)(Z|[+-]\d\d:?\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NEVER = -(10**17)
_FIRST_MS = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * 1000
END_MS = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) * 1000

Ints = npt.NDArray[np.int64]


def hour_start(text: str, zone: str = "UTC") -> int | None:
    """The start of an hour like `20/Feb/2016:00-0500` or `2016-02-20 00Z` in milliseconds since 1970 UTC.

    None when there is no such hour. `1970-01-01 00Z` stands for times that count seconds from there. An hour without
    an offset is one of the IANA `zone`: of the two that a clock set back shows alike, the first.
    """
    if found := _APACHE_HOUR.fullmatch(text):
        day, name, year, hour, offset = found.groups()
        month = str(_MONTHS.index(name) + 1) if name in _MONTHS else "0"
    elif found := _ISO_HOUR.fullmatch(text):
        year, month, day, hour, offset = found.groups()
    else:
        return None
    try:
        start = datetime(
            int(year), int(month), int(day), int(hour), tzinfo=_zone_of(offset) if offset else ZoneInfo(zone)
        )
    except ValueError:
        return None
    return int(start.timestamp()) * 1000


def hour_starts(texts: list[str | None], zone: str = "UTC") -> Ints:
    """`hour_start` of each; what is no hour comes out before all plausible times."""
    starts = (hour_start(text, zone) if text else None for text in texts)
    return np.array([_NEVER if start is None else start for start in starts], dtype=np.int64)


def is_plausible(ms: Ints) -> npt.NDArray[np.bool_]:
    """Which instants a log can be of."""
    return (ms >= _FIRST_MS) & (ms < END_MS)


def local_hours(ms: Ints, zone: str) -> tuple[Ints, npt.NDArray[np.int8]]:
    """The local day (as `date.toordinal()`) and hour slot of each instant; the zone is asked once a quarter hour."""
    quarters, places = _distinct(ms // QUARTER_MS)
    days = np.empty(len(quarters), dtype=np.int64)
    slots = np.empty(len(quarters), dtype=np.int8)
    for place, quarter in enumerate(quarters.tolist()):
        day = day_of(quarter * QUARTER_MS, zone)
        days[place] = day.toordinal()
        slots[place] = slot_of(quarter * QUARTER_MS, day, zone)
    return days[places], slots[places]


def days_closed(days: Ints, is_closed: Callable[[date], bool]) -> tuple[dict[date, bool], npt.NDArray[np.bool_]]:
    """Of the distinct local days (ordinals) whether they take no more rows, each asked once; and so for each line."""
    distinct, places = _distinct(days)
    closed = {date.fromordinal(day): is_closed(date.fromordinal(day)) for day in distinct.tolist()}
    return closed, np.array(list(closed.values()), dtype=np.bool_)[places]


def _distinct(values: Ints) -> tuple[Ints, Ints]:
    """Like `np.unique` with `return_inverse`, but sorts runs of equal values only: logs are in order of time."""
    if not len(values):
        return values, values
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    distinct, places = np.unique(values[starts], return_inverse=True)
    return distinct, np.repeat(places, np.diff(starts, append=len(values)))


def _zone_of(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:])))
