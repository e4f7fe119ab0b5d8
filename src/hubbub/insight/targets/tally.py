"""Sums and means of a target's series over periods: as released, and with what is to come."""

from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from hubbub.insight.forecasts import Outlook, kinds_of
from hubbub.insight.targets.periods import Span
from hubbub.insight.targets.series import Measured
from hubbub.publish.kalman import Floats, Ints
from hubbub.publish.weekly import WEEK

LIKE_DAYS = 4  # days of the same weekday before it that tell a day of which nothing was released
WEIGHT_DAYS = 8 * WEEK


class Amount(Struct, frozen=True):
    """A sum, or a mean, over days: its value and the variance of its error; `weight`: of the days of a mean."""

    value: float
    variance: float
    weight: float = 0.0


class Tally:
    """A series with its running sums, so that any period is added up at once."""

    def __init__(self, measured: Measured, holidays: frozenset[date]) -> None:
        self.measured, self.holidays = measured, holidays
        self.is_rate = measured.weights is not None
        values, variances = measured.values.copy(), measured.variances.copy()
        self.estimated = np.zeros(len(values), np.bool_)
        if measured.weights is None:
            _tell_missing(values, variances, self.estimated)
            parts = np.ones(len(values))
        else:
            parts = np.where(np.isfinite(values), measured.weights, 0.0)
        self.values = values
        self.parts: Floats = np.where(np.isfinite(values), parts, 0.0)
        known = np.isfinite(values)
        self._sums = _running(np.where(known, values, 0.0) * self.parts)
        self._variances = _running(np.where(known, variances, 0.0) * self.parts**2)
        self._weights = _running(self.parts)
        self._known = _running(known.astype(np.float64))
        self._expected: dict[int, Floats] = {}

    def over(self, span: Span) -> Amount | None:
        """What was released of a period; None where a sum lacks a day, or a mean all of them."""
        start, end = self.place(span.first), self.place(span.last) + 1
        start = max(start, 0) if self.is_rate else start
        if start < 0 or end > len(self.values) or end <= start:
            return None
        sums, variances, weight = (float(one[end] - one[start]) for one in (self._sums, self._variances, self._weights))
        if self.is_rate:
            return Amount(sums / weight, variances / weight**2, weight) if weight > 0 else None
        return Amount(sums, variances) if self._known[end] - self._known[start] == end - start else None

    def until_end(self, day: date, span: Span, outlook: Outlook, line: int) -> Amount | None:
        """A period as it will be, when `day` is the last one of which anything is known."""
        so_far = self.over(Span(span.first, min(day, span.last))) if day >= span.first else Amount(0.0, 0.0)
        if so_far is None and not self.is_rate:
            return None
        so_far = so_far or Amount(0.0, 0.0)
        if day >= span.last:
            return so_far
        if not outlook.is_known[line]:
            return None
        kinds = kinds_of(day + timedelta(1), (span.last - day).days, self.holidays)
        parts = self._weights_of(day, kinds) if self.is_rate else np.ones(len(kinds))
        parts[: max(0, (span.first - day).days - 1)] = 0.0
        mean, variance = outlook.total(line, kinds, parts)
        if not self.is_rate:
            return Amount(so_far.value + mean, so_far.variance + variance)
        coming = float(parts.sum())
        weight = so_far.weight + coming
        if weight <= 0:
            return None
        value = (so_far.value * so_far.weight + mean) / weight
        return Amount(value, (so_far.variance * so_far.weight**2 + variance) / weight**2, coming)

    def lately(self, day: date, days: int) -> Amount | None:
        """A day's number over the last days up to `day`."""
        start = max(0, self.place(day) - days + 1)
        chosen = slice(start, self.place(day) + 1)
        parts = self.parts[chosen]
        weight = float(parts.sum())
        if weight <= 0:
            return None
        return Amount(float(np.nan_to_num(self.values[chosen]) @ parts) / weight, 0.0, weight)

    def place(self, day: date) -> int:
        """Which of the series' days it is."""
        return (day - self.measured.first).days

    def _weights_of(self, day: date, kinds: Ints) -> Floats:
        """What days of these kinds count in a mean: as such weekdays did in the eight weeks before."""
        place = self.place(day)
        if place not in self._expected:
            past = slice(max(0, place - WEIGHT_DAYS + 1), place + 1)
            weights = self.parts[past]
            weekdays = (np.arange(len(weights)) + (self.measured.first.weekday() + past.start)) % WEEK
            seen = weights > 0
            all_days = np.bincount(weekdays, minlength=WEEK)
            sums = np.bincount(weekdays[seen], weights[seen], WEEK)
            usual = float(weights[seen].mean()) if seen.any() else 1.0
            each = np.where(all_days < 2, usual, sums / np.maximum(all_days, 1))
            self._expected[place] = np.append(each, each[WEEK - 1])
        return self._expected[place][kinds]


def _running(values: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(values)))


def _tell_missing(values: Floats, variances: Floats, estimated: np.ndarray) -> None:
    """Fill in place days without a number by like days before, with the spread of those."""
    seen = np.isfinite(values)
    begun = int(np.argmax(seen)) if seen.any() else len(values)
    for place in np.flatnonzero(~seen[begun:]) + begun:
        like = values[: int(place)][::-1][WEEK - 1 :: WEEK]
        like = like[np.isfinite(like)][:LIKE_DAYS]
        if len(like) >= 2:
            values[place] = like.mean()
            variances[place] = like.var(ddof=1) * (1 + 1 / len(like))
            estimated[place] = True
