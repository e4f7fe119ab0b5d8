"""The period a page is about, as its address says it, and the period before it."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from hubbub.core.days import DAY, days_between
from hubbub.core.errors import QueryError

Choice = Literal["today", "day", "7d", "30d", "month", "12mo", "custom"]
CHOICES: tuple[Choice, ...] = ("today", "day", "7d", "30d", "month", "12mo", "custom")
DEFAULT_CHOICE: Choice = "7d"
LONGEST_DAYS = 3660
STALE_AFTER_DAYS = 7
LENGTHS = {"day": 1, "7d": 7, "30d": 30}


class Period(Struct, frozen=True):
    """Days from `first` to `last`, both included.

    choice     which entry of the picker it is
    anchor     the day that relative periods end on when nothing is said
    today      the reader's day on this site
    is_pinned  the address names the day, so the page is not a moving one
    """

    choice: Choice
    first: date
    last: date
    anchor: date
    today: date
    is_pinned: bool = False

    @property
    def length(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    @property
    def is_hourly(self) -> bool:
        """One day: its course is told by the hour."""
        return self.first == self.last

    @property
    def is_today(self) -> bool:
        """The day that is still running."""
        return self.first == self.last == self.today

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of it."""
        return tuple(days_between(self.first, self.last))

    def partner(self, day: date) -> date | None:
        """The day of the period before that `day` is compared with; None when that month has no such day."""
        if self.choice == "month":
            return _shift_months(day, -1)
        if self.choice == "12mo":
            return _shift_months(day, -12)
        if self.choice in ("today", "day"):
            return day - timedelta(days=7)
        return day - timedelta(days=self.length)

    def before(self) -> "Period":
        """The period it is compared with."""
        partners = [partner for day in self.days if (partner := self.partner(day)) is not None]
        return Period(self.choice, min(partners), max(partners), self.anchor, self.today, is_pinned=True)

    def shifted(self, step: Literal[-1, 1]) -> "Period | None":
        """The neighbour, earlier (-1) or later (1); None when it has not begun."""
        if self.choice == "month":
            start = _shift_months(self.first.replace(day=1), step)
            assert start is not None
            first, last = start, _month_end(start)
        elif self.choice == "12mo":
            end = _shift_months(self.last.replace(day=1), 12 * step)
            assert end is not None
            first, last = _months_back(end, 11), _month_end(end)
        else:
            span = timedelta(days=self.length * step)
            first, last = self.first + span, self.last + span
        newest = max(self.anchor, self.last)
        if step == 1 and first > newest:
            return None
        last = min(last, newest) if self.choice in ("month", "12mo") else last
        choice: Choice = "day" if self.choice == "today" else self.choice
        return Period(choice, first, last, self.anchor, self.today, is_pinned=True)

    def query(self) -> dict[str, str]:
        """Its address: the parameters that name it."""
        if self.choice == "custom":
            return {"period": "custom", "from": self.first.isoformat(), "to": self.last.isoformat()}
        if self.is_pinned:
            return {"period": self.choice, "date": self.last.isoformat()}
        return {"period": self.choice}


def anchor_day(today: date, newest: date | None) -> date:
    """The day that "the last 7 days" end on: yesterday, or the newest released day when that is long ago."""
    yesterday = today - DAY
    if newest is None or newest >= yesterday - timedelta(days=STALE_AFTER_DAYS):
        return yesterday
    return newest


def choose_period(choice: Choice, anchor: date, today: date, pinned: date | None = None) -> Period:
    """The period of a picker entry that ends on the pinned day, or on the anchor."""
    end = pinned or anchor
    if choice == "today":
        first = last = today
    elif choice == "month":
        first, last = end.replace(day=1), end
    elif choice == "12mo":
        first, last = _months_back(end, 11), end
    else:
        first, last = end - timedelta(days=LENGTHS.get(choice, 7) - 1), end
    return Period(choice, first, last, anchor, today, is_pinned=pinned is not None and choice != "today")


def read_period(query: Mapping[str, str], anchor: date, today: date) -> Period:
    """The period that an address asks for. Raises `QueryError` when it makes no sense."""
    name = query.get("period") or ("custom" if query.get("from") or query.get("to") else DEFAULT_CHOICE)
    name = "day" if name == "yesterday" else name
    choice = next((known for known in CHOICES if known == name), None)
    if choice is None:
        raise QueryError("period", _quote(name), ", ".join(CHOICES))
    if choice == "custom":
        first, last = _read_day(query, "from"), _read_day(query, "to")
        if first > last:
            raise QueryError("from", f"{first}, which is after {last}", "a first day that is not after the last")
        if (last - first).days >= LONGEST_DAYS:
            raise QueryError("from", f"{(last - first).days + 1} days", f"at most {LONGEST_DAYS} days")
        return Period("custom", first, _not_in_future(last, today), anchor, today, is_pinned=True)
    pinned = _not_in_future(_read_day(query, "date"), today) if query.get("date") else None
    return choose_period(choice, anchor, today, pinned)


def _read_day(query: Mapping[str, str], name: str) -> date:
    text = query.get(name, "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise QueryError(name, _quote(text), "a day like 2026-05-17") from None
    if not 1995 <= day.year <= 2200:
        raise QueryError(name, _quote(text), "a day between 1995 and 2200")
    return day


def _not_in_future(day: date, today: date) -> date:
    if day > today:
        raise QueryError("to", f"{day}, which has not come yet", f"a day up to {today}")
    return day


def _quote(text: str) -> str:
    return f"“{text[:40]}”" if text else "nothing"


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _shift_months(day: date, months: int) -> date | None:
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if day.day > monthrange(year, month + 1)[1]:
        return None
    return date(year, month + 1, day.day)


def _months_back(day: date, months: int) -> date:
    start = _shift_months(day.replace(day=1), -months)
    assert start is not None
    return start
