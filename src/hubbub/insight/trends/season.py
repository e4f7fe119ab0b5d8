"""Which share of its level a series has on a day: of its weekday, and less or more on a public holiday; as the days
before tell.

The week's shape is taken anew every four weeks, see `publish.weekly`. A holiday has a factor of its own on the share of
its weekday, normal with `HOLIDAY` and `HOLIDAY_SPREAD` until holidays were seen, and from then on as each of them
tells, by how sure it is and with `DIFFER` for what one holiday is unlike another (normal means, known variances).
"""

from collections.abc import Set
from datetime import date, timedelta

import numpy as np

from hubbub.publish.kalman import Floats
from hubbub.publish.weekly import WEEK, weekly_shape

EVERY = 28
LEAST_DAYS = 27  # with cells; there may be a holiday among the first
DAY_VARIANCE = 0.04  # of a weekday's share while nothing is known of it: .2 squared
HOLIDAY, HOLIDAY_SPREAD = 0.8, 0.3
DIFFER = 0.12


class Season:
    """Shares of n series, as they become known from day to day."""

    def __init__(self, series: int, days: int, first: date, holidays: Set[date] = frozenset()) -> None:
        self._weekdays = (np.arange(days) + first.weekday()) % WEEK
        self._holidays = np.array([first + timedelta(day) in holidays for day in range(days)], np.bool_)
        self._shares: Floats = np.ones((WEEK, series))
        self._errors: Floats = np.full((WEEK, series), DAY_VARIANCE)
        self._factor: Floats = np.full(series, HOLIDAY)  # of holidays, and the variance of its error
        self._unsure: Floats = np.full(series, HOLIDAY_SPREAD**2)

    def is_holiday(self, day: int) -> bool:
        """Whether the day, counted from the first, is a public holiday."""
        return bool(self._holidays[day])

    def share(self, day: int) -> tuple[Floats, Floats]:
        """The share of a day and the variance of its error: float[n] each."""
        share, error = self._shares[self._weekdays[day]], self._errors[self._weekdays[day]]
        if not self._holidays[day]:
            return share, error
        return share * self._factor, self._factor**2 * error + share**2 * (self._unsure + DIFFER**2)

    def saw_holiday(self, day: int, cells: Floats, spread: Floats, level: Floats) -> None:
        """A holiday is over: its cells, the variances of what is not the holiday's in them (infinite where there is no
        cell), and the level that was known before; float[n] each.
        """
        usual = self._shares[self._weekdays[day]] * level
        known = np.isfinite(spread) & (usual > 0)
        safe = np.where(known, usual, 1.0)
        error = np.where(known, np.where(known, spread, 1.0) / safe**2 + DIFFER**2, np.inf)
        gain = self._unsure / (self._unsure + error)
        self._factor += gain * np.where(known, np.clip(cells / safe, 0.0, 3.0) - self._factor, 0.0)
        self._unsure *= 1 - gain

    def learn(self, values: Floats, variances: Floats) -> None:
        """The week's shape from the days that were: float[d, n], infinite variances where nothing tells."""
        days = len(values)
        ordinary = np.where(self._holidays[:days, None], np.inf, variances)
        if np.isfinite(ordinary).any(axis=1).sum() >= LEAST_DAYS:
            shape = weekly_shape(values, ordinary, self._weekdays[:days])
            self._shares, self._errors = shape.shares, shape.errors
