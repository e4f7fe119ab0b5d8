"""What is due by the clock. Pure: the open days and the time go in, a list of things to do comes out."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from msgspec import Struct

from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.settings import Settings

MINUTE_MS = 60_000
HOUR_GRACE_MS = MINUTE_MS  # rows received at the very end of an hour are in the journal by then


class Action(StrEnum):
    """What the clock asks for, in the order in which it is done."""

    GIVE_UP = "give_up"  # destroy what is overdue, released or not
    FORGET = "forget"  # destroy the counters of what named no site: there is nothing to release
    CLOSE = "close"
    RELEASE_HOURS = "release_hours"
    WAIT = "wait"


class OpenDay(Struct, frozen=True):
    """A (source, day) that still has secrets or raw rows.

    source      "" for drops of what named no site; its days are of UTC
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
    """What is due at `now_ms`: overdue days are given up first, then ended days close, then hours are released.

    A live day closes `close_after_minutes` after its end. A day that has rows from logs alone is partial and
    waits for `--final`, `keep_hours` after its first row came in at the longest. Nothing of any day outlives
    `keep_hours` after the day's end (a past day: after its import).
    """
    found = [Due(_action(item, settings, now_ms), item.source, item.day) for item in open_days]
    order = list(Action)
    return sorted((due for due in found if due.action is not Action.WAIT), key=lambda due: order.index(due.action))


def _action(item: OpenDay, settings: Settings, now_ms: int) -> Action:
    """The one thing that is due for a day."""
    end_ms = bounds(item.day, settings.zone_of(item.source) if item.source else "UTC").end_ms
    is_over = now_ms >= end_ms + settings.close_after_minutes * MINUTE_MS
    if not item.source:
        return Action.FORGET if is_over else Action.WAIT
    if now_ms >= max(end_ms, item.created_ms) + settings.keep_hours * HOUR_MS:
        return Action.GIVE_UP
    if not item.is_live:
        return Action.WAIT
    return Action.CLOSE if is_over else Action.RELEASE_HOURS


def next_look_ms(now_ms: int) -> int:
    """When to look again: a minute after the next quarter of an hour, so that every zone's midnight is met."""
    quarter = 15 * MINUTE_MS
    return (now_ms // quarter + 1) * quarter + HOUR_GRACE_MS
