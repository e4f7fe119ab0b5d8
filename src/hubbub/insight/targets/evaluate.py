"""How targets stand: probabilities from released numbers, their noise and what is to be expected, followed day by day.

Everything follows from the marts and the targets alone: standings of past days are worked out again from what could be
known on each of them, so that nothing need be remembered.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from hubbub.core.targets import Target, Window
from hubbub.insight.calendar import holidays_of
from hubbub.insight.forecasts import Past, follow
from hubbub.insight.targets import periods
from hubbub.insight.targets.aiming import Aiming, chance_of
from hubbub.insight.targets.months import Months
from hubbub.insight.targets.periods import Span, judged_on, looked_back, period_of
from hubbub.insight.targets.results import Bounds, Closed, Evaluation, Pace, Point, Stand
from hubbub.insight.targets.series import Released, last_day, measure
from hubbub.insight.targets.standing import begin_period, next_of_days, next_of_running, verdict
from hubbub.insight.targets.state import Standing, TargetState
from hubbub.insight.targets.tally import Amount, Tally
from hubbub.publish.intervals import Z95

LEARNT_FROM = timedelta(52 * 7)  # before the first day whose standing is worked out
PACE_DAYS = 28
PERIODS_SHOWN, DAYS_SHOWN = 12, 30
POINTS, POINTS_AHEAD = 60, 12
NOTHING = "nothing is released of it yet"
TOO_EARLY = "its numbers begin within the period"
TOO_FEW = "too few days are released to say what is to come"


def evaluate(targets: Sequence[Target], released: Released, months: Months | None = None) -> tuple[Evaluation, ...]:
    """How each target stands after the last day that is released whole, in their order; `months` remembers what was
    asked before. Raises `QueryError`.
    """
    months = months or Months()
    months.look()
    region = released.settings.holidays
    lines, found = [], dict[str, Evaluation]()
    for target in targets:
        days = last_day(target, released)
        if days is None:
            today = date.min
            state = TargetState(target.name, today, Standing.UNKNOWN, today, 0.0, why=NOTHING)
            found[target.name] = Evaluation(target, state)
        else:
            lines.append((target, *days))
    if lines:
        years = range(min(looked_back(last).year for *_, last in lines) - 2, max(last.year for *_, last in lines) + 12)
        holidays = frozenset(day for year in (years if region else ()) for day in holidays_of(region, year))
        start = min(looked_back(last) for *_, last in lines) - LEARNT_FROM
        tallies = [_tally(line, released, start, holidays, months) for line in lines]
        end = max(last for *_, last in lines)
        for kind in (False, True):  # a mean has another week than a sum
            mine = [pair for pair in zip(lines, tallies, strict=True) if pair[1].is_rate is kind]
            past = _follow([tally for _, tally in mine], start, end, holidays) if mine else None
            for place, ((target, _, last), tally) in enumerate(mine):
                assert past is not None
                found[target.name] = _Judge(target, tally, past, place, last).evaluation()
    return tuple(found[target.name] for target in targets)


def _tally(
    line: tuple[Target, date, date], released: Released, start: date, holidays: frozenset[date], months: Months
) -> Tally:
    """The numbers of a target from the first day on that it may need."""
    target, begun, last = line
    needed = min(start, judged_on(target, looked_back(last)).first)
    span = judged_on(target, last)
    if target.baseline == "last_year":
        needed = min(needed, periods.a_year_before(span).first, periods.a_year_before(judged_on(target, start)).first)
    elif target.baseline == "previous":
        needed = min(needed, periods.before(target, span).first)
    elif isinstance(target.baseline, Window):
        needed = min(needed, target.baseline.first)
    return Tally(measure(target, released, min(max(needed, begun), last), last, months), holidays)


def _follow(tallies: Sequence[Tally], start: date, end: date, holidays: frozenset[date]) -> Past:
    """All series side by side."""
    begun = max(start, min(tally.measured.first for tally in tallies))
    values = np.full((len(tallies), (end - begun).days + 1), np.nan)
    variances = np.full_like(values, np.nan)
    for line, tally in enumerate(tallies):
        place = (tally.measured.first - begun).days
        source = slice(max(0, -place), None)
        into = slice(max(0, place), max(0, place) + len(tally.values[source]))
        values[line, into], variances[line, into] = tally.measured.values[source], tally.measured.variances[source]
    counts = [1.0 if tally.measured.is_count else 0.0 for tally in tallies]
    return follow(values, variances, begun, since=start + LEARNT_FROM, holidays=holidays, dispersion=counts)


class _Known(Struct, frozen=True):
    """What is known of the judged period after a day."""

    probability: float
    already: float
    amount: Amount


class _Judge:
    """One target with its numbers."""

    def __init__(self, target: Target, tally: Tally, past: Past, line: int, last: date) -> None:
        self.target, self.tally, self.past, self.line, self.last = target, tally, past, line, last
        self.aiming = Aiming(target, tally)

    def evaluation(self) -> Evaluation:
        target, last = self.target, self.last
        span = judged_on(target, last)
        stands = tuple(self._stands(min(last, span.last)))
        now = stands[-1]
        since = now.day
        for one in reversed(stands):
            if one.standing is not now.standing:
                break
            since = one.day
        bounds = self.aiming.bounds_over(span, last)
        known = self._known(span, last)
        so_far = self.tally.over(Span(span.first, min(last, span.last))) if last >= span.first else None
        value = self.aiming.shown(so_far, span, min(last, span.last))
        ahead = (
            None if isinstance(known, str) or last >= span.last else self.aiming.shown(known.amount, span, span.last)
        )
        state = TargetState(
            target.name,
            last,
            now.standing,
            since,
            now.probability,
            value[0] if value else None,
            value[1] if value else None,
            ahead[0] if ahead else None,
            ahead[1] if ahead else None,
            known if isinstance(known, str) else "",
        )
        place = slice(max(0, self.tally.place(span.first)), max(0, self.tally.place(span.last) + 1))
        return Evaluation(
            target,
            state,
            "cost" if target.cost else self.tally.measured.unit,
            span,
            self.aiming.shown_bounds(bounds) if isinstance(bounds, Bounds) else None,
            self._pace(span, bounds) if isinstance(bounds, Bounds) and not isinstance(known, str) else None,
            tuple(self._course(span)),
            stands,
            tuple(self._periods()),
            int(self.tally.estimated[place].sum()),
        )

    def _stands(self, end: date) -> Iterator[Stand]:
        """Day by day; a day that says nothing changes nothing."""
        target, confidence = self.target, self.target.confidence
        before, judged = Standing.UNKNOWN, None
        day = max(min(looked_back(self.last), end), min(self.tally.measured.first, end))
        while day <= end:
            span = judged_on(target, day)
            known = self._known(span, day)
            if isinstance(known, str):
                yield Stand(day, Standing.UNKNOWN, 0.0)
            else:
                if judged != span and target.period != "day":
                    before, judged = begin_period(before), span
                if target.period == "day" and target.due is None:
                    before = next_of_days(before, known.probability, confidence)
                elif day >= span.last:
                    before = verdict(known.probability, confidence)
                else:
                    before = next_of_running(before, known.probability, known.already, confidence)
                yield Stand(day, before, known.probability)
            day += timedelta(1)

    def _known(self, span: Span, day: date) -> _Known | str:
        """What is known of a period after a day, or why nothing is."""
        bounds = self.aiming.bounds_over(span, day)
        if isinstance(bounds, str):
            return bounds
        if day < self.past.first:
            amount = self.tally.over(span)
            return TOO_EARLY if amount is None else _Known(chance_of(amount, bounds), 0.0, amount)
        outlook = self.past.outlook(day)
        amount = self.tally.until_end(day, span, outlook, self.line)
        if amount is None:
            begins = span.first < self.tally.measured.first <= day
            return TOO_EARLY if begins and not self.tally.is_rate else TOO_FEW
        already = 0.0
        if bounds.high is None and not self.tally.is_rate and span.first <= day < span.last:
            so_far = self.tally.over(Span(span.first, day))
            already = chance_of(so_far, bounds) if so_far else 0.0
        return _Known(chance_of(amount, bounds), already, amount)

    def _pace(self, span: Span, bounds: Bounds) -> Pace | None:
        """What a day is, and what it must be; None for a period that is over."""
        left = (span.last - max(self.last, span.first - timedelta(1))).days
        bound = bounds.low if bounds.low is not None else bounds.high
        lately = self.tally.lately(self.last, PACE_DAYS)
        if left <= 0 or bound is None or lately is None:
            return None
        so_far = self.tally.over(Span(span.first, self.last)) if self.last >= span.first else None
        so_far = so_far or Amount(0.0, 0.0)
        needed = (bound - so_far.value) / left
        if self.tally.is_rate:
            ends = self.tally.until_end(self.last, span, self.past.outlook(self.last), self.line)
            coming = ends.weight if ends else 0.0
            if coming <= 0:
                return None
            needed = (bound * (so_far.weight + coming) - so_far.value * so_far.weight) / coming
        return Pace(lately.value, needed, left, self.tally.measured.unit)

    def _course(self, span: Span) -> Iterator[Point]:
        """The period up to each day, then what is to come of it; of days, one after the other."""
        if self.target.period == "day" and self.target.due is None:
            for one in reversed(list(self._periods())):
                yield _point(one.span.last, (one.value, one.stderr), is_forecast=False)
            return
        end = min(self.last, span.last)
        count = (end - span.first).days + 1
        for place in sorted({*range(0, count, max(1, -(-count // POINTS))), count - 1} if count > 0 else ()):
            day = span.first + timedelta(place)
            found = self.aiming.shown(self.tally.over(Span(span.first, day)), span, day)
            if found:
                yield _point(day, found, is_forecast=False)
        if end == span.last or end < self.past.first:
            return
        outlook = self.past.outlook(end)
        begin = max(end + timedelta(1), span.first)
        left = (span.last - begin).days + 1
        for place in sorted({*range(0, left, max(1, -(-left // POINTS_AHEAD))), left - 1}):
            day = begin + timedelta(place)
            found = self.aiming.shown(self.tally.until_end(end, Span(span.first, day), outlook, self.line), span, day)
            if found:
                yield _point(day, found, is_forecast=True)

    def _periods(self) -> Iterator[Closed]:
        """Periods that are over, newest first, as far back as there are numbers."""
        target = self.target
        span = period_of(target, self.last)
        shown = DAYS_SHOWN if target.period == "day" else PERIODS_SHOWN
        while shown and span.first >= self.tally.measured.first:
            shown -= 1
            if span.last <= self.last:
                amount, bounds = self.tally.over(span), self.aiming.bounds_over(span, self.last)
                value = self.aiming.shown(amount, span, span.last)
                if amount and value and isinstance(bounds, Bounds):
                    chance = chance_of(amount, bounds)
                    standing = verdict(chance, target.confidence)
                    yield Closed(span, *value, self.aiming.shown_bounds(bounds), chance, standing)
            if target.period == "once":
                return
            span = periods.before(target, span)


def _point(day: date, found: tuple[float, float], *, is_forecast: bool) -> Point:
    value, stderr = found
    return Point(day, value, value - Z95 * stderr, value + Z95 * stderr, is_forecast)
