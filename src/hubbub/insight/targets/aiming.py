"""A target's aim for a period: its bounds, with a baseline's noise, and the probability that a number lies within them.

What is counted and what is shown are the same but for a cost a transaction, which is judged by the transactions:
cost / N is at most x just when N is at least cost / x.
"""

from datetime import date
from math import erfc, sqrt

from hubbub.core.targets import Target, Window
from hubbub.insight.targets import periods
from hubbub.insight.targets.periods import Span
from hubbub.insight.targets.results import Bounds
from hubbub.insight.targets.tally import Amount, Tally

NO_BASELINE = "what it is compared with is not released"


class Aiming:
    """One target's aim, in units of what is counted and as it is shown."""

    def __init__(self, target: Target, tally: Tally) -> None:
        self.target, self.tally = target, tally
        self._bounds: dict[tuple[Span, bool], Bounds | str] = {}

    def bounds_over(self, span: Span, day: date) -> Bounds | str:
        """The aim for a period, in units of what is counted; or why there is none."""
        aim, cost, against = self.target.aim, self.target.cost, self.target.baseline
        days = self._baseline_days(span) if aim.is_change else None
        is_over = days is None or days.last <= day
        if (span, is_over) in self._bounds:
            return self._bounds[span, is_over]
        found: Bounds | str
        if days is None:
            factor = against if isinstance(against, float | int) else 1.0
            low, high = (None if one is None else one * factor for one in (aim.low, aim.high))
            found = Bounds(cost / high if high else None, cost / low if low else None) if cost else Bounds(low, high)
        else:
            base = self._baseline(span, days) if is_over else None
            found = NO_BASELINE
            if base is not None:
                low, high = (None if one is None else one * base.value for one in (aim.low, aim.high))
                error = sqrt(base.variance)
                found = Bounds(low, high, abs(aim.low or 0.0) * error, abs(aim.high or 0.0) * error)
        self._bounds[span, is_over] = found
        return found

    def _baseline_days(self, span: Span) -> Span | None:
        """The days that a change is against; None: it is against a number."""
        against = self.target.baseline
        if isinstance(against, Window):
            return Span(against.first, against.last)
        if against == "last_year":
            return periods.a_year_before(span)
        return periods.before(self.target, span) if against == "previous" else None

    def _baseline(self, span: Span, days: Span) -> Amount | None:
        """What was released on these days; a sum as large as it would be over as many as the period has."""
        base = self.tally.over(days)
        if base is None or self.tally.is_rate:
            return base
        factor = span.days / days.days
        return Amount(base.value * factor, base.variance * factor**2)

    def shown(self, amount: Amount | None, span: Span, until: date) -> tuple[float, float] | None:
        """In the target's unit, with its standard error; a cost goes by the days so far."""
        if amount is None:
            return None
        stderr = sqrt(amount.variance)
        if not self.target.cost:
            return amount.value, stderr
        if amount.value <= 0:
            return None
        cost = self.target.cost * ((until - span.first).days + 1) / span.days
        return cost / amount.value, cost * stderr / amount.value**2

    def shown_bounds(self, bounds: Bounds) -> Bounds:
        if not self.target.cost:
            return bounds
        low, high = (self.target.cost / one if one else None for one in (bounds.high, bounds.low))
        return Bounds(low, high)


def chance_of(amount: Amount, bounds: Bounds) -> float:
    """The probability that the true number lies within the bounds; its error and a baseline's are independent."""
    low = high = 1.0
    if bounds.low is not None:
        low = _above(amount.value - bounds.low, amount.variance + bounds.low_stderr**2)
    if bounds.high is not None:
        high = _above(bounds.high - amount.value, amount.variance + bounds.high_stderr**2)
    return max(0.0, low + high - 1)


def _above(distance: float, variance: float) -> float:
    """The probability that a normal number of this mean is at least 0."""
    return 0.5 * erfc(-distance / sqrt(2 * max(variance, 1e-18)))
