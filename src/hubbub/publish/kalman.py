"""A level that wanders, seen through noise of known variance: the filter and the smoother, many series side by side.

The model is that of `publish.smoothing`. Arrays are day by lane, so that each step works on whole rows; a lane is a
series under one pair of process spreads. The recursions are Kalman's (Durbin & Koopman, "Time Series Analysis by State
Space Methods", 2nd ed. 2012, sections 4.3 and 4.4) for a state of one number, with the three kinds of day of Harrison &
Stevens merged by their moments after each step.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct, structs

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
BREAKS = 0.01  # how often a day shifts the level; as often it is an event of its own
LOG_ODDS = float(np.log(2 * BREAKS / (1 - 2 * BREAKS)))
LOG_ORDINARY = float(np.log(1 - 2 * BREAKS))
ORDINARY = 2.0  # squared surprise over its variance up to which no break is thought of
LEAST_SHARE = 0.2  # a weekday with less of the level says nothing of a shift of it
LEAST_LEVEL = 1.0


class Days(Struct, frozen=True):
    """What is known of d days of n series.

    values         float[d, n]; 0 where there is no cell
    variances      float[d, n]: of the noise; infinite where there is no cell
    weekdays       int[d]: rows of `shares`
    shares         float[w, n]: of the level that falls on a weekday
    share_errors   float[w, n]: their variances
    first_levels   float[n]: how large the series is about when it begins
    factors        float[d]: how large a day is for all of the series alike, 1 where that is not known
    factor_errors  float[d]: their variances
    """

    values: Floats
    variances: Floats
    weekdays: Ints
    shares: Floats
    share_errors: Floats
    first_levels: Floats
    factors: Floats
    factor_errors: Floats

    def of(self, lanes: Any) -> "Days":
        """The days of these series only, in this order."""
        return Days(
            self.values[:, lanes],
            self.variances[:, lanes],
            self.weekdays,
            self.shares[:, lanes],
            self.share_errors[:, lanes],
            self.first_levels[lanes],
            self.factors,
            self.factor_errors,
        )

    def share_of(self, day: int) -> Floats:
        """What share of its level falls on a day: float[n]."""
        return np.asarray(self.shares[self.weekdays[day]] * self.factors[day], np.float64)


class Spreads(Struct, frozen=True):
    """What a process is like, by lane: float[n] each.

    step        φ, the standard deviation of a day's change of level, relative to it
    day         ψ, that of a day's own part, relative to the day
    dispersion  κ, variance over mean of a count of its own accord; one for all lanes, or float[n]
    """

    step: Floats
    day: Floats
    dispersion: float | Floats = 1.0


class Track(Struct, frozen=True):
    """What the filter leaves for the smoother: float[d, n] each.

    level, level_variance  after each day
    step                   variance of the change of level into each day, the share of a possible shift included
    own                    variance of the day's own part, the share of a possible event included
    likelihood             log-likelihood of the days up to each day
    """

    level: Floats
    level_variance: Floats
    step: Floats
    own: Floats
    likelihood: Floats


class Filtered(Struct, frozen=True):
    """The last day's number: float[n] each. `likelihood` is the log-likelihood of all days but the first one seen."""

    estimate: Floats
    variance: Floats
    likelihood: Floats


class State:
    """The level of each lane after a day; `begun` where a cell was seen."""

    def __init__(self, lanes: int) -> None:
        self.level: Floats = np.zeros(lanes)
        self.variance: Floats = np.zeros(lanes)
        self.likelihood: Floats = np.zeros(lanes)
        self.begun: Flags = np.zeros(lanes, np.bool_)


class Today(Struct, frozen=True):
    """What is known of a day: float[n] each. `noise` is infinite where there is no cell.

    expected   what falls on the day of the level's size
    before     variance of the level ahead of the day; `behind` of what falls on the day
    own        variance of the day's own part; `total` of the cell
    surprise   the cell less its expectation
    """

    share: Floats
    expected: Floats
    step: Floats
    before: Floats
    behind: Floats
    own: Floats
    noise: Floats
    total: Floats
    surprise: Floats

    def of(self, lanes: Ints) -> "Today":
        return Today(*(column[lanes] for column in structs.astuple(self)))


def filter_days(days: Days, spreads: Spreads, *, keep_track: bool = False) -> tuple[Filtered, Track | None]:
    """Run the filter over all days; a series with no cell at all has an infinite variance."""
    count, lanes = days.values.shape
    state = State(lanes)
    track = Track(*(np.zeros((count, lanes)) for _ in range(5))) if keep_track else None
    estimate, variance = np.zeros(lanes), np.full(lanes, np.inf)
    for day in range(count):
        begun = state.begun
        today = open_day(state, days, spreads, day)
        level = state.level
        odd, broken = take_day(state, today)
        if not begun.all():
            begin_series(state, days, today, day, begun)
        if track is not None:
            track.level[day], track.level_variance[day] = state.level, state.variance
            track.step[day], track.own[day] = today.step, today.own
            track.likelihood[day] = state.likelihood
            track.step[day, odd] += broken.shifts * broken.lift
            track.own[day, odd] += broken.events * broken.jump
        if day == count - 1:
            estimate, variance = _number(today, level, odd, broken)
            estimate = np.where(begun, estimate, days.values[day])
            variance = np.where(begun, variance, today.noise)
    return Filtered(estimate, variance, state.likelihood), track


def open_day(state: State, days: Days, spreads: Spreads, day: int) -> Today:
    """The day before its cell is taken in. Spreads go by the level's size: as known, or as far as it is uncertain."""
    weekly, share, noise = days.shares[days.weekdays[day]], days.share_of(day), days.variances[day]
    unsure = days.share_errors[days.weekdays[day]] * days.factors[day] ** 2 + weekly**2 * days.factor_errors[day]
    size = np.maximum(state.level, np.sqrt(state.variance))
    if not state.begun.all():
        size = np.where(state.begun, size, days.first_levels)
    size = np.maximum(size, LEAST_LEVEL)
    expected = share * size
    own = spreads.dispersion * expected + (spreads.day * expected) ** 2 + unsure * size**2
    step = (spreads.step * size) ** 2
    before = state.variance + step
    behind = share**2 * before
    surprise = days.values[day] - share * state.level
    return Today(share, expected, step, before, behind, own, noise, behind + own + noise, surprise)


class _Broken(Struct, frozen=True):
    """Lanes whose surprise may be a break: float[k] each.

    jump           its variance on the day's number; `lift` on the level
    shifts, events how likely it is to last, or to be of the day alone
    """

    jump: Floats
    lift: Floats
    shifts: Floats
    events: Floats


def take_day(state: State, today: Today) -> tuple[Ints, _Broken]:
    """Take the cell in; returns the lanes that may have broken. Without a cell its variance is infinite: no gain."""
    squared = today.surprise**2
    gain = today.share * today.before / today.total
    level = state.level + gain * today.surprise
    variance = today.before * (1 - gain * today.share)
    score = squared / today.total
    likelihood = LOG_ORDINARY - 0.5 * (np.log(2 * np.pi * today.total) + score)
    odd = np.flatnonzero(score > ORDINARY)
    broken = _Broken(*(np.zeros(0) for _ in range(4)))
    if len(odd):
        them = today.of(odd)
        broken, odds = _weigh(them, squared[odd])
        likelihood[odd] += np.logaddexp(0.0, odds)
        moved, spread = _merged(them, broken)
        level[odd] = state.level[odd] + moved
        variance[odd] = spread
    seen = np.isfinite(today.noise)
    state.likelihood = state.likelihood + np.where(seen & state.begun, likelihood, 0.0)
    state.level, state.variance = level, variance
    return odd, broken


def _weigh(today: Today, squared: Floats) -> tuple[_Broken, Floats]:
    """How likely a break is, and the logarithm of its odds. Its size is unknown: as seen, and at least the level's."""
    jump = np.maximum(squared - today.total, today.expected**2)
    wide = today.total + jump
    odds = LOG_ODDS + 0.5 * (np.log(today.total / wide) + squared * (1 / today.total - 1 / wide))
    chance = 1 / (1 + np.exp(-odds))
    shifts = np.where(today.share >= LEAST_SHARE, chance / 2, 0.0)
    return _Broken(jump, jump / np.maximum(today.share, LEAST_SHARE) ** 2, shifts, chance - shifts), odds


def _merged(today: Today, broken: _Broken) -> tuple[Floats, Floats]:
    """The level's change and its variance over the three kinds of day, as one normal of their mean and variance."""
    wide = today.total + broken.jump
    kinds = (
        (1 - broken.shifts - broken.events, today.before, today.total),
        (broken.shifts, today.before + broken.lift, wide),
        (broken.events, today.before, wide),
    )
    gains = [today.share * prior / width for _, prior, width in kinds]
    mean = np.zeros_like(wide)
    for (weight, _, _), gain in zip(kinds, gains, strict=True):
        mean += weight * gain * today.surprise
    variance = np.zeros_like(wide)
    for (weight, prior, _), gain in zip(kinds, gains, strict=True):
        variance += weight * (prior * (1 - gain * today.share) + (gain * today.surprise - mean) ** 2)
    return mean, variance


def begin_series(state: State, days: Days, today: Today, day: int, begun: Flags) -> None:
    """A series begins with its first cell: a flat prior on its level."""
    first = np.isfinite(today.noise) & ~begun
    start = np.maximum(today.share, LEAST_SHARE)
    state.level = np.where(begun, state.level, np.where(first, days.values[day] / start, 0.0))
    state.variance = np.where(begun, state.variance, np.where(first, (today.noise + today.own) / start**2, 0.0))
    state.begun = begun | first


def _number(today: Today, level: Floats, odd: Ints, broken: _Broken) -> tuple[Floats, Floats]:
    """The day's number and its variance, given what was known before and its cell."""
    prior = today.behind + today.own
    to_cell = prior / today.total
    near = to_cell * today.surprise
    variance = np.where(np.isfinite(today.noise), to_cell * np.nan_to_num(today.noise, posinf=0.0), prior)
    if len(odd):
        them, chance = today.of(odd), broken.shifts + broken.events
        there = (prior[odd] + broken.jump) / (them.total + broken.jump)
        apart = there * them.surprise - near[odd]
        variance[odd] += chance * (there * them.noise - variance[odd]) + chance * (1 - chance) * apart**2
        near[odd] += chance * apart
    return today.share * level + near, variance


def smooth_days(days: Days, last: Filtered, track: Track) -> tuple[Floats, Floats]:
    """Every day in the light of all days: estimates and variances, float[d, n] each.

    Backwards over the levels (Rauch, Tung, Striebel 1965). Given the level, a day's number lies between what the level
    says and its cell: with F the variances of its own part and of noise together, x = h + (own/F) (y − h) and
    Var x = (noise/F)² Var h + own · noise/F. Days before a series begins are unknown: their variance is infinite.
    """
    estimates, variances = np.zeros_like(days.values), np.full_like(days.values, np.inf)
    estimates[-1], variances[-1] = last.estimate, last.variance
    begun = np.isfinite(days.variances).cumsum(axis=0) > 0
    level, spread = track.level[-1], track.level_variance[-1]
    for day in range(len(estimates) - 2, -1, -1):
        step = track.step[day + 1]
        before = track.level_variance[day] + step
        gain = track.level_variance[day] / np.maximum(before, 1e-300)
        level = track.level[day] + gain * (level - track.level[day])
        spread = track.level_variance[day] + gain**2 * (spread - before)
        share, own = days.share_of(day), track.own[day]
        noise = days.variances[day]
        seen = np.isfinite(noise)
        noise = np.where(seen, noise, 0.0)
        to_cell = np.where(seen, own / np.maximum(own + noise, 1e-300), 0.0)
        behind = share * level
        estimates[day] = behind + to_cell * (days.values[day] - behind)
        variances[day] = np.where(
            begun[day], (1 - to_cell) ** 2 * share**2 * spread + np.where(seen, to_cell * noise, own), np.inf
        )
    return estimates, variances
