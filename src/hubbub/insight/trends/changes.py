"""What was found of one series, followed from day to day until it has ended or has become the new level."""

from enum import StrEnum

from msgspec import Struct

BACK, SURELY_OVER = 2.0, 4.0  # z up to which a series may be back, and by what log-likelihood ratio it must be so
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
    sure, doubt    the last day on which it was there without doubt, and the log-likelihood ratio for its end since
    rises          there is more of it
    level, error   the level before, of a day with share 1, and its variance
    slope          of that level, a day
    p_value        of the test that found it
    score          of that test, as of a standard normal
    strength       how many standard deviations of a single day it is off
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
    strength: float = 0.0
    until: int | None = None
    sure: int = 0
    doubt: float = 0.0
    days: int = 0  # of what follows: cells seen, their sum, that of what was expected, of shares, and of variances
    observed: float = 0.0
    expected: float = 0.0
    shares: float = 0.0
    scatter: float = 0.0

    def has_ended(self, day: int, score: float) -> bool:
        """Whether a day's score makes it sure that the change is over, by a CUSUM of the likelihoods of both (Page,
        Biometrika 41, 1954); then it says until when it was.
        """
        out, far = abs(self.strength), score if self.rises else -score
        self.doubt = max(0.0, self.doubt + out * (out / 2 - far))
        if not self.doubt:
            self.sure = day
        if self.doubt <= SURELY_OVER or far > BACK:
            return False
        self.until = max(self.since, self.sure)
        return True

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
