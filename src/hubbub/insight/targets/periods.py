"""The periods that targets are counted over."""

from datetime import date, timedelta

from msgspec import Struct

from hubbub.core.targets import Target

LONG_AGO = 45  # days that are at least looked back at, to tell how a target stood


class Span(Struct, frozen=True, order=True):
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1


def period_of(target: Target, day: date) -> Span:
    """The period in which a day falls; `once` has but one."""
    if target.period == "once":
        assert target.first is not None
        assert target.due is not None
        return Span(target.first, target.due)
    if target.period == "day":
        return Span(day, day)
    if target.period == "week":
        monday = day - timedelta(day.weekday())
        return Span(monday, monday + timedelta(6))
    months = {"month": 1, "quarter": 3, "year": 12}[target.period]
    month = (day.month - 1) // months * months
    first = date(day.year, month + 1, 1)
    following = date(day.year + (month + months) // 12, (month + months) % 12 + 1, 1)
    return Span(first, following - timedelta(1))


def judged_on(target: Target, day: date) -> Span:
    """The period by which a target is judged after `day`: that of the due date, else the one that `day` falls in."""
    return period_of(target, target.due or day)


def a_year_before(span: Span) -> Span:
    """The same days a year earlier."""
    return Span(_a_year_before(span.first), _a_year_before(span.last))


def _a_year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def before(target: Target, span: Span) -> Span:
    """The period just before."""
    return period_of(target, span.first - timedelta(1))


def looked_back(day: date) -> date:
    """From which day on standings are followed, so that they do not hang on the day of looking: the start of the
    quarter, or of the one before when that was a short while ago.
    """
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    if (day - first).days >= LONG_AGO:
        return first
    return date(first.year - (first.month == 1), (first.month - 4) % 12 + 1, 1)
