"""What is to be expected of a daily series, and how unsure that is: of days to come, of their sums, of means over them.

The model is that of `publish.smoothing` (level, weekly shares, process spreads by maximum likelihood pooled over the
series that are given), seen by the same filter. Three things are added:

- a public holiday is a day of its own kind. Its share is learnt from past holidays, drawn towards Sunday's;
- the level has a slope that fades: how far the level came in `SLOPE_DAYS`, drawn towards none as far as the level's own
  wandering makes that uncertain, and a factor of `DAMPING` less with each day ahead;
- shares are learnt anew every four weeks from the days before (the first four weeks go by their own), so that what was
  to be expected on a past day is what could be known on it, and stays so when later days come.

A lane is a pair of process spreads. With level ℓ, its variance P, a step's variance q, slope b and its variance V,
days ahead j and k have cov(level) = P + min(j, k) q + V D_j D_k, where D_k = Σ_{i≤k} DAMPING^i; a day has its own
part beside that, and the error of its share, which all days of its kind have in common. Lanes are mixed by their
moments with the weights that the days so far give them. No break is foreseen: an interval holds as long as none comes.
"""

from collections.abc import Collection
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from hubbub.publish.kalman import Days, Floats, Ints, Spreads, Track, filter_days
from hubbub.publish.smoothing import DAY_SPREADS, FIRST_DAYS, Process, pooled, posterior
from hubbub.publish.weekly import WEEK, weekly_shape

LEVEL_STEPS = (0.003, 0.008, 0.02, 0.05, 0.15)  # closer than for days alone: of sums over months they are most of it
GRID = tuple((step, spread) for step in LEVEL_STEPS for spread in DAY_SPREADS)
HOLIDAY = WEEK  # the kind of day after Sunday's
KINDS = WEEK + 1
BLOCK = 4 * WEEK  # shares are learnt anew so often
UNKNOWN_SHARE = 0.15  # standard deviation of a weekday's share where no full weeks were seen
HOLIDAY_APART, HOLIDAYS_DIFFER = 0.2, 0.15  # of a holiday's share around Sunday's, and of one holiday's around them all
SLOPE_DAYS = 8 * WEEK
SLOPE = 0.001  # standard deviation of slopes, relative to the level, a day
EVEN = Process(GRID, (1 / len(GRID),) * len(GRID))
DAMPING = 0.98
LEAST_DAYS = 7  # cells without which nothing is foretold
LEVEL = 1_000.0  # to which series that are no counts are scaled, for the filter takes a level of at least 1


class Outlook(Struct, frozen=True):
    """What was known after a day: by lane and series float[g, n], by kind of day and series float[8, n].

    level, variance   of the level; `step`: of its change in a day
    slope, slope_variance  of its change a day, the first day ahead
    spread            ψ²: the variance of a day's own part is dispersion · number + spread · number²
    weights           of the lanes, Σ = 1
    shares, errors    of the level that falls on a kind of day, and their variances
    scale             float[n]: what the series' numbers are in the filter's
    is_known          bool[n]: enough was seen to say anything
    """

    level: Floats
    variance: Floats
    step: Floats
    slope: Floats
    slope_variance: Floats
    spread: Floats
    dispersion: Floats
    weights: Floats
    shares: Floats
    errors: Floats
    scale: Floats
    is_known: npt.NDArray[np.bool_]

    def ahead(self, line: int, kinds: Ints) -> tuple[Floats, Floats]:
        """Mean float[h] and covariance float[h, h] of one series on the next h days, whose kinds these are."""
        share, error = self.shares[kinds, line], self.errors[kinds, line]
        steps = np.arange(1, len(kinds) + 1)
        faded = np.cumsum(DAMPING**steps)
        level, slope = self.level[:, line], self.slope[:, line]
        means = share * np.maximum(level[:, None] + slope[:, None] * faded, 0.0)
        weights = self.weights[:, line]
        mean = weights @ means
        covariance = np.zeros((len(kinds), len(kinds)))
        nearer = np.minimum.outer(steps, steps)
        alike = np.equal.outer(kinds, kinds) * np.sqrt(np.outer(error, error))
        for lane, weight in enumerate(weights):
            if weight < 1e-6:
                continue
            moved = self.variance[lane, line] + nearer * self.step[lane, line]
            moved = moved + self.slope_variance[lane, line] * np.outer(faded, faded)
            one = np.outer(share, share) * moved + alike * level[lane] ** 2
            one[np.diag_indices(len(kinds))] += (
                self.dispersion[line] * means[lane] + self.spread[lane, line] * means[lane] ** 2
            )
            apart = means[lane] - mean
            covariance += weight * (one + np.outer(apart, apart))
        scale = float(self.scale[line])
        return mean * scale, covariance * scale**2

    def total(self, line: int, kinds: Ints, parts: Floats | None = None) -> tuple[float, float]:
        """Mean and variance of Σ parts · number over the next days: what `ahead` says of them, without its matrix."""
        if not len(kinds):
            return 0.0, 0.0
        part = np.ones(len(kinds)) if parts is None else parts
        share, error = self.shares[kinds, line] * part, np.sqrt(self.errors[kinds, line]) * part
        faded = np.cumsum(DAMPING ** np.arange(1, len(kinds) + 1))
        level, slope = self.level[:, line], self.slope[:, line]
        tails = np.cumsum(share[::-1])
        through = float(share @ faded)
        means = np.maximum(level * tails[-1] + slope * through, 0.0)
        variances = (
            self.variance[:, line] * tails[-1] ** 2
            + self.step[:, line] * float(tails @ tails)
            + self.slope_variance[:, line] * through**2
            + level**2 * float((np.bincount(kinds, error, KINDS) ** 2).sum())
            + self.dispersion[line] * np.maximum(level, 0.0) * float(share @ part)
            + self.spread[:, line] * level**2 * float(share @ share)
        )
        weights = self.weights[:, line]
        mean = float(weights @ means)
        scale = float(self.scale[line])
        return mean * scale, float(weights @ (variances + (means - mean) ** 2)) * scale**2


class Past:
    """Series as the filter saw them from day to day: what was known after each of them. Made by `follow`."""

    def __init__(self, first: date, kinds: Ints, days: Days, track: Track, dispersion: Floats, scale: Floats) -> None:
        self.first, self._kinds, self._days, self._track = first, kinds, days, track
        self._dispersion, self._scale = dispersion, scale
        self._seen = np.isfinite(days.variances).cumsum(axis=0)
        self._processes: dict[int, Process] = {}
        self._outlooks: dict[date, Outlook] = {}

    def outlook(self, day: date) -> Outlook:
        """What was known when `day`, one of the series' days, was the last one."""
        if day not in self._outlooks:
            self._outlooks[day] = self._outlook(day)
        return self._outlooks[day]

    def _outlook(self, day: date) -> Outlook:
        place, track = (day - self.first).days, self._track
        series = self._days.values.shape[1]
        level, variance = (column[place].reshape(len(GRID), series) for column in (track.level, track.level_variance))
        steps, spreads = (column[:, None] for column in np.array(GRID).T)
        size = np.maximum(np.maximum(level, np.sqrt(variance)), 1.0)
        step = (steps * size) ** 2
        slope, slope_variance = self._slope(place, size, step, variance)
        rows = KINDS * int(self._days.weekdays[place] // KINDS) + np.arange(KINDS)
        return Outlook(
            level,
            variance,
            step,
            slope,
            slope_variance,
            spreads**2 * np.ones_like(level),
            self._dispersion,
            posterior(track.likelihood[place], self._process(place)),
            self._days.shares[rows],
            self._days.share_errors[rows],
            self._scale,
            self._seen[place] >= LEAST_DAYS,
        )

    def _process(self, place: int) -> Process:
        """How often each pair of spreads comes, from the days before this one's four weeks."""
        block = int(self._days.weekdays[place] // KINDS)
        if block not in self._processes:
            before = np.flatnonzero(self._days.weekdays // KINDS < block)
            self._processes[block] = pooled(self._track.likelihood[before[-1]], GRID) if len(before) else EVEN
        return self._processes[block]

    def _slope(self, place: int, size: Floats, step: Floats, variance: Floats) -> tuple[Floats, Floats]:
        """The median weekly change, by the day: a shift in one week is no slope. π/2 is what the median costs."""
        prior = (SLOPE * size) ** 2
        early = place - SLOPE_DAYS
        if early < 0:
            return np.zeros_like(size), prior
        levels = self._track.level[early : place + 1 : WEEK].reshape(-1, *size.shape)
        found = np.median(np.diff(levels, axis=0), axis=0) / WEEK
        first = self._track.level_variance[early].reshape(size.shape)
        error = np.pi / 2 * (step / SLOPE_DAYS + (variance + first) / SLOPE_DAYS**2)
        kept = np.where(self._seen[early] >= LEAST_DAYS, prior / (prior + error), 0.0)
        return kept * found, (1 - kept) * prior


def kinds_of(first: date, count: int, holidays: Collection[date]) -> Ints:
    """The kind of each of `count` days: 0 for Monday to 6, or `HOLIDAY`."""
    found: Ints = (np.arange(count) + first.weekday()) % WEEK
    for place in range(count) if holidays else ():
        if first + timedelta(place) in holidays:
            found[place] = HOLIDAY
    return found


def follow(
    values: npt.ArrayLike,
    variances: npt.ArrayLike,
    first: date,
    *,
    since: date | None = None,
    holidays: Collection[date] = (),
    dispersion: npt.ArrayLike = 1.0,
) -> Past:
    """Filter series side by side.

    values      float[n, d]: released cells by series and day from `first` on; NaN where there is none
    variances   float[n, d], or what broadcasts to it: of the noise on each cell
    since       the first day after which an outlook is asked for; until then days go by the shares known on it
    dispersion  κ, float[n] or one for all: 1 for counts, 0 for rates, means and sums in other units
    """
    cells = np.array(values, np.float64).T
    count, series = cells.shape
    spread = np.broadcast_to(np.asarray(variances, np.float64), (series, count)).T
    seen = np.isfinite(cells) & np.isfinite(spread)
    own = np.broadcast_to(np.asarray(dispersion, np.float64), series)
    early = seen & (seen.cumsum(axis=0) <= FIRST_DAYS)
    size = np.where(early, np.abs(cells), 0.0).sum(axis=0) / np.maximum(early.sum(axis=0), 1)
    scale = np.where((own > 0) | (size == 0), 1.0, size / LEVEL)
    plain = np.where(seen, cells, 0.0) / scale
    noise = np.where(seen, np.maximum(np.where(seen, spread, 0.0) / scale**2, 1e-9), np.inf)
    kinds = kinds_of(first, count, holidays)
    blocks = np.arange(count) // BLOCK
    settled = max(1, (since - first).days // BLOCK) if since else 1
    ends = [np.searchsorted(blocks, max(block, settled)) for block in range(int(blocks[-1]) + 1)]
    known = {end: _shares(plain[:end], noise[:end], kinds) for end in set(ends)}
    shapes = [known[end] for end in ends]
    days = Days(
        plain,
        noise,
        KINDS * blocks + kinds,
        np.concatenate([shares for shares, _ in shapes]),
        np.concatenate([errors for _, errors in shapes]),
        np.maximum(size / scale, 1.0),
        np.ones(count),
        np.zeros(count),
    )
    lanes = np.tile(np.arange(series), len(GRID))
    steps, spreads = np.array(GRID).T
    spread_of = Spreads(np.repeat(steps, series), np.repeat(spreads, series), own[lanes])
    _, track = filter_days(days.of(lanes), spread_of, keep_track=True)
    assert track is not None
    return Past(first, kinds, days, track, own, scale)


def _shares(values: Floats, noise: Floats, kinds: Ints) -> tuple[Floats, Floats]:
    """Shares of all kinds of day and their variances, float[8, n] each, from these days."""
    kinds = kinds[: len(values)]
    workday = np.where((kinds == HOLIDAY)[:, None], np.inf, noise)
    shares, errors = np.ones((WEEK, values.shape[1])), np.full((WEEK, values.shape[1]), UNKNOWN_SHARE**2)
    for line in range(values.shape[1]):  # each for itself: the week of one says nothing of another's
        shape = weekly_shape(values[:, [line]], workday[:, [line]], kinds % WEEK)
        if shape.is_known:
            shares[:, line], errors[:, line] = shape.shares[:, 0], shape.errors[:, 0]
    top, bottom = shares[WEEK - 1] / HOLIDAY_APART**2, np.full(values.shape[1], 1 / HOLIDAY_APART**2)
    for place in np.flatnonzero(kinds == HOLIDAY):
        near = slice(max(0, place - WEEK), place)
        usual = np.isfinite(workday[near])
        level = np.where(usual, values[near], 0.0).sum(axis=0)
        expected = np.where(usual, shares[kinds[near] % WEEK], 0.0).sum(axis=0)
        level = level / np.maximum(expected, 1e-9)
        told = np.isfinite(noise[place]) & (usual.sum(axis=0) >= WEEK - 3) & (level > 0)
        level = np.where(told, level, 1.0)
        weight = np.where(told, 1 / (np.where(told, noise[place], 0.0) / level**2 + HOLIDAYS_DIFFER**2), 0.0)
        top, bottom = top + weight * values[place] / level, bottom + weight
    holiday = np.maximum(top / bottom, 0.0)
    return np.vstack((shares, holiday)), np.vstack((errors, 1 / bottom + HOLIDAYS_DIFFER**2))
