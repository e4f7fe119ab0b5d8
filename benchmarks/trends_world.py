"""A made-up city's daily series with the release's noise, and what was done to them: what `trends.py` scores against.

Levels are log-uniform from 20 to 50,000, each series with a week of its own, a level that wanders by φ a day and a
day's own part of spread ψ (three in ten series have none of the one, three in ten none of the other), public holidays
to which each series answers in its own way, Poisson counts, and rounded normal noise whose standard deviation depends
on the class of series and on the day (budgets and plans change). Of the cells 1 % are missing.

Half of the series are left alone; the others have one to four events, so that there is about one event a series.
Sizes are from 1 to 8 standard deviations of a day (noise, Poisson and ψ together): some cannot be seen. Events begin
after day 120, leave 60 days between the end of one and the next, and end so early that what can be waited for them lies
within the days. A tenth of the series are pairs of siblings, parts of one whole: in a mix shift one gains what the
other loses, which is one event, seen from either; its size is the smaller one's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from hubbub.insight.calendar import holidays_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FIRST = date(2024, 1, 1)
REGION = "AT"
WEEK = (1.1, 1.15, 1.15, 1.1, 1.0, 0.7, 0.8)
CLASSES = (8.0, 12.0, 17.0, 25.0)  # standard deviation of the noise in ordinary times, by class of series
QUIET_DAYS, APART, AHEAD = 120, 60, 75
SPIKE, DROP, RISE, FALL, SLOPE = "spike", "drop", "rise", "fall", "slope"
EMERGING, VANISHED, MIX = "emerging", "vanished", "mix"
KINDS = (SPIKE, DROP, RISE, FALL, SLOPE, EMERGING, VANISHED, MIX)
ORDINARY = (SPIKE, DROP, RISE, FALL, SLOPE)
OFTEN = (0.28, 0.24, 0.16, 0.16, 0.16)  # how often each of the ordinary kinds is tried
COUNTS = (0.2, 0.3, 0.3, 0.2)  # of the eventful series, how many have one, two, three, four events
COMING, GOING = 0.06, 0.04  # series of their own that emerge, that vanish
WITHOUT_CELLS = 0.5  # of those that emerge: no cell before, the others have noise around 0; half as often of the others


@dataclass(frozen=True)
class Event:
    """What was done to a series: days are numbers from 0, `until` is the last day of it (of a slope, of its course).

    size       in standard deviations of one day at its beginning; of a slope, what it comes to at its end
    direction  +1: more, −1: less
    other      of a mix shift, the series that goes the other way; −1: none
    """

    series: int
    kind: str
    since: int
    until: int
    size: float
    direction: int
    other: int = -1


@dataclass(frozen=True)
class World:
    """Released series and the truth behind them.

    values     float[n, d]: released cells, NaN where there is none
    variances  float[n, d]: of the noise on each
    first      the first day
    truth      events, by series and day
    holidays   numbers of the days that are public holidays
    siblings   int[n]: the other part of the same whole, −1 where there is none
    means      float[n, d]: what a day's count scatters around: for pictures and checks, no detector sees it
    """

    values: Floats
    variances: Floats
    first: date
    truth: tuple[Event, ...]
    holidays: frozenset[int] = frozenset()
    siblings: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    means: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    def sample(self, count: int) -> "World":
        """Evenly chosen series, numbered anew; pairs of siblings stay together."""
        if count >= len(self.values):
            return self
        chosen = np.unique(np.linspace(0, len(self.values) // 2 - 1, count // 2).astype(np.int64))
        rows = np.stack((2 * chosen, 2 * chosen + 1), axis=1).ravel()
        number = {int(row): place for place, row in enumerate(rows.tolist())}
        truth = tuple(
            replace(event, series=number[event.series], other=number.get(event.other, -1))
            for event in self.truth
            if event.series in number
        )
        siblings = np.array([number.get(int(other), -1) for other in self.siblings[rows]], np.int64)
        values, variances, means = self.values[rows], self.variances[rows], self.means[rows]
        return World(values, variances, self.first, truth, self.holidays, siblings, means)


def make_world(seed: int = 1, series: int = 2_000, days: int = 731) -> World:
    """The same world for the same arguments; `series` is rounded up to an even number."""
    rng = np.random.default_rng(seed)
    count = series + series % 2
    spreads = _noise(rng, count, days)
    own = _some(rng, count, 0.05, 0.6, most=0.25)
    level = np.exp(rng.uniform(np.log(20), np.log(50_000), count))
    pairs = np.flatnonzero(rng.random(count // 2) < 0.1) * 2
    siblings = np.full(count, -1, np.int64)
    siblings[pairs], siblings[pairs + 1] = pairs + 1, pairs
    kinds = _fates(rng, siblings)
    holidays = frozenset(_holidays(days))
    means = _means(rng, level, days, pairs, holidays)
    truth: list[Event] = []
    for number in range(count):
        truth += _done_to(rng, number, kinds[number], means, own, spreads)
    for first in pairs[rng.random(len(pairs)) < 0.6].tolist():
        truth.append(_mix(rng, first, means, own, spreads))
    scatter = np.exp(own[:, None] * rng.normal(0, 1, means.shape) - own[:, None] ** 2 / 2)
    values: Floats = rng.poisson(means * scatter).astype(np.float64) + np.rint(rng.normal(0, spreads))
    values[rng.random(values.shape) < 0.01] = np.nan
    _without_cells(rng, values, truth)
    truth.sort(key=lambda event: (event.series, event.since))
    return World(values, spreads**2, FIRST, tuple(truth), holidays, siblings, means)


def _noise(rng: np.random.Generator, count: int, days: int) -> Floats:
    """Standard deviations by series and day, 8 to 40: plans hold for months, and on some days there is less budget."""
    base = rng.choice(CLASSES, count)
    plan = np.ones(days)
    for start in np.sort(rng.integers(60, max(61, days - 30), 4)).tolist():
        plan[start:] = rng.uniform(0.7, 1.6)
    scarce = np.where(rng.random(days) < 0.06, rng.uniform(1.4, 2.2, days), 1.0)
    alone = np.where(rng.random((count, days)) < 0.02, 1.5, 1.0)
    return np.clip(base[:, None] * (plan * scarce)[None] * alone, 8.0, 40.0)


def _some(rng: np.random.Generator, count: int, middle: float, spread: float, most: float) -> Floats:
    """Lognormal sizes around a middle; three in ten are none."""
    sizes = np.minimum(np.exp(rng.normal(np.log(middle), spread, count)), most)
    return np.where(rng.random(count) < 0.3, 0.0, sizes)


def _fates(rng: np.random.Generator, siblings: Ints) -> list[str]:
    """What happens to each series: "" nothing, EMERGING, VANISHED, "events", or MIX (a sibling: nothing of its own)."""
    drawn = rng.random(len(siblings))
    fates = np.select(
        [siblings >= 0, drawn < COMING, drawn < COMING + GOING, drawn < 0.5], [MIX, EMERGING, VANISHED, "events"], ""
    )
    return [str(fate) for fate in fates]


def _holidays(days: int) -> Iterator[int]:
    """Numbers of the public holidays among the days."""
    years = {(FIRST + timedelta(days=number)).year for number in range(days)}
    names = {day for year in years for day in holidays_of(REGION, year)}
    return (number for number in range(days) if FIRST + timedelta(days=number) in names)


def _means(rng: np.random.Generator, level: Floats, days: int, pairs: Ints, holidays: frozenset[int]) -> Floats:
    """What counts scatter around if nothing is done: level × week × holiday × wandering; siblings move together."""
    count = len(level)
    steps = _some(rng, count, 0.005, 0.7, most=0.02)
    walk = np.cumsum(steps[:, None] * rng.normal(0, 1, (count, days)), axis=1)
    shares = np.array(WEEK) * np.exp(rng.normal(0, 0.15, (count, 7)))
    shares /= shares.mean(axis=1, keepdims=True)
    answer = np.where(rng.random(count) < 0.25, 1.0, rng.uniform(0.35, 1.15, count))
    walk[pairs + 1], shares[pairs + 1], answer[pairs + 1] = walk[pairs], shares[pairs], answer[pairs]
    weekdays = (np.arange(days) + FIRST.weekday()) % 7
    off = np.zeros(days)
    off[list(holidays)] = 1.0
    found: Floats = level[:, None] * shares[:, weekdays] * np.exp(walk) * np.where(off > 0, answer[:, None], 1.0)
    return found


def _deviation(means: Floats, own: Floats, spreads: Floats, series: int, days: slice) -> float:
    """The standard deviation of one day of a series, on the mean of some days."""
    mean, noise = means[series, days], spreads[series, days]
    return float(np.sqrt(np.mean(noise**2 + mean + (own[series] * mean) ** 2)))


def _done_to(
    rng: np.random.Generator, series: int, fate: str, means: Floats, own: Floats, spreads: Floats
) -> list[Event]:
    """Change the means of a series and say what was done."""
    days = means.shape[1]
    if fate in (EMERGING, VANISHED):
        since = int(rng.integers(QUIET_DAYS, days - AHEAD))
        week = slice(since, since + 7) if fate == EMERGING else slice(since - 7, since)
        size = float(min(rng.uniform(1, 8), 0.8 / max(own[series], 1e-9)))
        for _ in range(30):
            means[series] *= size * _deviation(means, own, spreads, series, week) / means[series, week].mean()
        gone = slice(0, since) if fate == EMERGING else slice(since, days)
        means[series, gone] = 0.0
        return [Event(series, fate, since, days - 1, size, 1 if fate == EMERGING else -1)]
    found: list[Event] = []
    if fate != "events":
        return found
    wanted = 1 + int(rng.choice(len(COUNTS), p=COUNTS))
    earliest = QUIET_DAYS
    room = (days - AHEAD - QUIET_DAYS) // wanted
    for part in range(wanted):
        latest = QUIET_DAYS + room * (part + 1)
        if earliest >= latest:
            continue
        event = _event(rng, series, int(rng.integers(earliest, latest)), means, own, spreads)
        if event is not None:
            found.append(event)
            ended = event.since if event.kind in (RISE, FALL) else event.until
            earliest = ended + APART
    return found


def _event(
    rng: np.random.Generator, series: int, since: int, means: Floats, own: Floats, spreads: Floats
) -> Event | None:
    """One of the ordinary kinds; None where the series is too small to lose as much as was drawn."""
    kind = str(rng.choice(ORDINARY, p=OFTEN))
    days = means.shape[1]
    size = float(rng.uniform(1, 8))
    lasts = {SPIKE: rng.integers(1, 4), DROP: rng.integers(1, 8), SLOPE: rng.integers(28, 71)}.get(kind, days - since)
    until = min(since + int(lasts) - 1, days - 1)
    over = slice(since, until + 1) if kind in (SPIKE, DROP) else slice(since, since + 7)
    direction = {SPIKE: 1, RISE: 1, DROP: -1, FALL: -1}.get(kind) or (1 if rng.random() < 0.5 else -1)
    mean = float(means[series, over].mean())
    ratio = direction * size * _deviation(means, own, spreads, series, over) / mean
    if ratio < -0.98:
        if size * -0.98 / ratio < 1:
            return None
        size, ratio = size * -0.98 / ratio, -0.98
    if kind == SLOPE:
        course = np.clip((np.arange(since, days) - since + 1) / (until - since + 1), 0, 1)
        means[series, since:] *= np.exp(np.log1p(ratio) * course)
    else:
        means[series, since : until + 1] *= 1 + ratio
    return Event(series, kind, since, until, size, int(direction))


def _mix(rng: np.random.Generator, first: int, means: Floats, own: Floats, spreads: Floats) -> Event:
    """One sibling gains what the other loses; the size is the smaller one's, in its own days."""
    days = means.shape[1]
    since = int(rng.integers(QUIET_DAYS, days - AHEAD))
    small, large = sorted((first, first + 1), key=lambda series: float(means[series, since]))
    week = slice(since, since + 7)
    deviation = _deviation(means, own, spreads, small, week)
    direction = 1 if rng.random() < 0.5 else -1
    moved = min(rng.uniform(1, 8) * deviation, 0.9 * float(means[small if direction < 0 else large, week].mean()))
    part = means[small, since:] / (means[small, since:] + means[large, since:])
    shift = direction * moved / float((means[small, week] + means[large, week]).mean())
    whole = means[small, since:] + means[large, since:]
    means[small, since:], means[large, since:] = whole * (part + shift), whole * (1 - part - shift)
    return Event(small, MIX, since, days - 1, moved / deviation, direction, large)


def _without_cells(rng: np.random.Generator, values: Floats, truth: list[Event]) -> None:
    """Keys that have no cell before they come, or after they are gone."""
    for event in truth:
        if event.kind == EMERGING and rng.random() < WITHOUT_CELLS:
            values[event.series, : event.since] = np.nan
        if event.kind == VANISHED and rng.random() < WITHOUT_CELLS / 2:
            values[event.series, event.since :] = np.nan
