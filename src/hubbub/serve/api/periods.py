"""Periods by name, as Plausible's readers know them, in the site's local days."""

from datetime import date, timedelta

from hubbub.core.errors import QueryError

LAST_DAYS = {"7d": 7, "28d": 28, "30d": 30, "91d": 91}
LAST_MONTHS = {"6mo": 6, "12mo": 12}
NAMES = ("day", "yesterday", *LAST_DAYS, "month", *LAST_MONTHS, "year", "all")
DEFAULT = "30d"


def period_of(name: str, today: date, start: date | None) -> tuple[date, date]:
    """First and last day of a named period. `7d` and the like end yesterday, `6mo` with the last month.

    `start` is the first day that has been released, for `all`. Raises `QueryError`.
    """
    yesterday = today - timedelta(days=1)
    month = today.replace(day=1)
    if name in LAST_DAYS:
        return today - timedelta(days=LAST_DAYS[name]), yesterday
    if name in LAST_MONTHS:
        return months_before(month, LAST_MONTHS[name]), month - timedelta(days=1)
    periods = {
        "day": (today, today),
        "yesterday": (yesterday, yesterday),
        "month": (month, today),
        "year": (today.replace(month=1, day=1), today),
        "all": (min(start or yesterday, today), today),
    }
    if name not in periods:
        raise QueryError("period", repr(name), ", ".join(NAMES))
    return periods[name]


def months_before(month: date, count: int) -> date:
    """The first day of the month `count` months before that of `month`."""
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def day_in(text: str, field: str) -> date:
    """A day from YYYY-MM-DD. Raises `QueryError`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QueryError(field, repr(text), "a day like 2026-03-31") from None
