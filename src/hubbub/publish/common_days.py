"""What a day is for all parts of a whole: on a holiday every page of a site is read less, on an outage none is.

One noisy page cannot tell a holiday from noise, all of them together can. A day's factor is a robust mean over series
of their cells by their expectations (Huber's M-estimate, c = 2; Huber, Annals of Mathematical Statistics 35, 1964),
weighted by how sure each is, so that neither one page that goes around the world nor one that is gone moves the others.
It is drawn towards the factors of the days before, as far as its own error makes it uncertain. Each day's factor is
made of that day and those before.
"""

import numpy as np
from msgspec.structs import replace

from hubbub.publish.kalman import Days, Floats, Spreads, State, begin_series, open_day, take_day

MOST = 512  # series that tell: those with the largest level for their noise
LEAST = 10
STEP, DAY = 0.03, 0.1  # what series are taken to be like meanwhile
DAYS_DIFFER = 0.1  # standard deviation of a day's factor around those before
FOLLOWED = 0.2  # how much of a day's factor its followers are expected to have
HUBER = 2.0
ROUNDS = 10


def with_common_days(days: Days) -> Days:
    """The days with their factors; as they were where fewer than `LEAST` series tell of a day."""
    count, series = days.values.shape
    seen = np.isfinite(days.variances)
    cells = np.maximum(seen.sum(axis=0), 1)
    level = np.maximum(np.where(seen, days.values, 0.0).sum(axis=0) / cells, 0.0)
    noise = np.where(seen, days.variances, 0.0).sum(axis=0) / cells
    trust = np.where(noise > 0, level**2 / np.maximum(noise, 1e-300), 0.0)
    chosen = np.argsort(-trust, kind="stable")[:MOST]
    if series < LEAST:
        return days
    found = replace(days, factors=np.ones(count), factor_errors=np.zeros(count))
    mine = found.of(chosen)  # shares the two columns, which grow with the days
    spreads = Spreads(np.full(len(chosen), STEP), np.full(len(chosen), DAY))
    state = State(len(chosen))
    base = 1.0
    for day in range(count):
        found.factors[day] = base
        today = open_day(state, mine, spreads, day)
        expected = mine.shares[mine.weekdays[day]] * state.level
        tells = state.begun & seen[day, chosen] & (expected > 0)
        if tells.sum() >= LEAST:
            value, error = _factor(mine.values[day, tells], expected[tells], today.total[tells])
            kept = DAYS_DIFFER**2 / (DAYS_DIFFER**2 + error)
            found.factors[day] = max(0.0, base + kept * (value - base))
            found.factor_errors[day] = kept * error
            today = open_day(state, mine, spreads, day)
            base += FOLLOWED * (found.factors[day] - base)
        begun = state.begun
        take_day(state, today)
        if not begun.all():
            begin_series(state, mine, today, day, begun)
    return found


def _factor(values: Floats, expected: Floats, variances: Floats) -> tuple[float, float]:
    """The factor by which values go beyond what is expected of them, and its variance."""
    weights = expected**2 / variances
    ratios = values / expected
    order = np.argsort(ratios)
    half = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
    factor = float(ratios[order[min(int(half), len(order) - 1)]])  # the weighted median
    kept = weights
    for _ in range(ROUNDS):
        apart = np.abs(ratios - factor) * np.sqrt(weights)
        kept = weights * np.minimum(1.0, HUBER / np.maximum(apart, 1e-9))
        factor = float((kept * ratios).sum() / kept.sum())
    scatter = float((kept**2 * (ratios - factor) ** 2).sum())
    return factor, max(scatter / float(kept.sum()) ** 2, 1 / float(weights.sum()))
