"""What is due by the clock. Pure: the open days and the time go in, a list of things to do comes out."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from msgspec import Struct

from hubbub.core.days import bounds, day_of
from hubbub.core.settings import Settings

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
HOUR_GRACE_MS = MINUTE_MS  # rows received at the very end of an hour reach the journal within this time


class Action(StrEnum):
    """One thing the clock asks for."""

    RELEASE_HOURS = "release_hours"
    CLOSE = "close"
    GIVE_UP = "give_up"  # destroy what is overdue, released or not


class OpenDay(Struct, frozen=True):
    """A (source, day) that still has secrets or raw rows.

    created_ms  when its first secret was made
    is_live     it has rows from visits as they happen, not from logs alone
    """

    source: str
    day: date
    created_ms: int
    is_live: bool


class Due(Struct, frozen=True):
    """What is to be done for one source and day."""

    action: Action
    source: str
    day: date


def find_due(open_days: Iterable[OpenDay], settings: Settings, now_ms: int) -> list[Due]:
    """What is due at `now_ms`: overdue days are given up first, then ended days close, then today's hours.

    A live day closes `close_after_minutes` after its end. A day that has rows from logs alone is partial and
    waits for `--final`, `keep_hours` after its first row came in at the longest. Nothing of any day outlives
    `keep_hours` after the day's end (a past day: after its import).
    """
    given_up, closes, hours = [], [], []
    keep_ms = settings.keep_hours * HOUR_MS
    for item in open_days:
        end_ms = bounds(item.day, settings.zone_of(item.source)).end_ms
        if now_ms >= max(end_ms, item.created_ms) + keep_ms:
            given_up.append(Due(Action.GIVE_UP, item.source, item.day))
        elif not item.is_live:
            continue
        elif now_ms >= end_ms + settings.close_after_minutes * MINUTE_MS:
            closes.append(Due(Action.CLOSE, item.source, item.day))
        elif day_of(now_ms - HOUR_GRACE_MS, settings.zone_of(item.source)) == item.day:
            hours.append(Due(Action.RELEASE_HOURS, item.source, item.day))
    return given_up + closes + hours


def next_look_ms(now_ms: int) -> int:
    """When to look again: a minute after the next quarter of an hour, so that every zone's midnight is met."""
    quarter = 15 * MINUTE_MS
    return (now_ms // quarter + 1) * quarter + HOUR_GRACE_MS
