"""What was found of one series, followed from day to day until it has ended or has become the new level."""

from enum import StrEnum

from msgspec import Struct

WATCHED = 28  # days of a change over which its size is taken


class Form(StrEnum):
    """How a change goes on."""

    DAYS = "days"  # for some days only, as far as is known
    LEVEL = "level"  # a new level
    SLOPE = "slope"  # a new slope
    BEGUN = "begun"  # the series begins
    GONE = "gone"  # it has no cells any more


class Change(Struct):
    """One change. Days are counted from the first of the scan.

    series         place among the scanned ones
    found, since   day whose cell showed it; first day of it
    until          last day of it, None while it lasts
    rises          there is more of it
    level, error   the level before, of a day with share 1, and its variance
    slope          of that level, a day
    p_value        of the test that found it
    score          how many standard deviations it was off then
    """

    series: int
    found: int
    since: int
    form: Form
    rises: bool
    level: float
    error: float
    slope: float
    p_value: float
    score: float
    until: int | None = None
    days: int = 0  # of what follows: cells seen, their sum, that of what was expected, of shares, and of variances
    observed: float = 0.0
    expected: float = 0.0
    shares: float = 0.0
    scatter: float = 0.0

    def is_watched(self, day: int) -> bool:
        """Whether a day still tells of the change's size."""
        return day < self.since + WATCHED and (self.until is None or day <= self.until)

    def add(self, day: int, cell: float, share: float, scatter: float) -> None:
        """A day's cell; `scatter` is the variance of what is neither the level's nor the change's in it."""
        self.days += 1
        self.observed += cell
        self.expected += share * (self.level + self.slope * (day - self.since))
        self.shares += share
        self.scatter += scatter

    def size(self) -> tuple[float, float, float, float]:
        """What was expected of one of its days and what was seen, with the standard error of each."""
        if not self.days:
            return self.level, 0.0, self.error**0.5, 0.0
        known = self.error**0.5 * self.shares / self.days
        return self.expected / self.days, self.observed / self.days, known, self.scatter**0.5 / self.days
