"""A level and its slope, seen through noise of known variance: many series side by side, each under many processes.

The model of one series, for a day t that has the share h of the level (weekday or holiday):

    y_t = h_t μ_t + η_t + ε_t     the cell: the level's share, what is the day's own, and noise of the known variance
    μ_t = μ_{t-1} + β_{t-1} + ζ_t  the level wanders, with a slope
    β_t = D β_{t-1} + ξ_t          the slope dies away

with Var ζ = (φ ℓ)², Var η = κ h ℓ + (ψ h ℓ)² + (error of h) ℓ² and Var ξ = (`SLOPE_STEP` ℓ)², ℓ the level's size as
known the day before: people come and go in shares (see ADR 8). A lane is a series under one pair (φ, ψ) of the grid.
How well each pair has foretold a series says how much it counts for the next day: Bayesian model averaging with
forgetting (Raftery, Kárný & Ettler, Technometrics 52, 2010). So nothing is fitted on what comes later, and a long
series decides for itself while a new one goes by the others. The recursions are Kalman's; a cell that is far from what
is expected moves the level by a bounded amount only (Huber; Cipra & Romera, Kybernetika 27, 1991).

Arrays are lane by series, float[g, n], of single precision: nothing in them is known to seven places, and they are most
of the work. What is of a series alone is float[n], of double precision.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from hubbub.publish.kalman import Flags, Floats, Ints
from hubbub.publish.smoothing import mixing

Singles = npt.NDArray[Any]
SINGLE = np.float32
LEVEL_STEPS = (0.0, 0.004, 0.015, 0.06)
DAY_SPREADS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
GRID = tuple((step, spread) for step in LEVEL_STEPS for spread in DAY_SPREADS)
SLOPE_STEP = 0.0001  # change of the slope in a day, relative to the level
FIRST_SLOPE = 0.001
DAMPING = 0.99
MEMORY = 0.995  # of how well a pair foretold, from day to day
CLIPPED = 3.0  # standard deviations from which a surprise counts for no more
LEAST_LEVEL = 1.0
LEAST_SHARE = 0.05
POOLED, POOLED_DAYS, ROUNDS = 512, 60, 30


class Today(Struct, frozen=True):
    """What is expected of a day.

    share, size       float[n]: of the level that falls on it; the level's size
    level             float[n]: of the day before, by all lanes
    dispersion        float[n]: κ
    noise             float[n]: variance of the cell's noise; infinite where there is no cell
    surprise, spread  float[g, n]: cell less expectation (0 where there is none), and its variance
    apart             float[g, n]: of that what is not the level's
    mean, total       float[n]: expectation and variance over all lanes, by their weights
    scatter           float[n]: variance of what is not the level's in the cell, by the best lane
    best              int[n]: the lane with the most weight
    """

    share: Floats
    size: Floats
    level: Floats
    dispersion: Floats
    noise: Floats
    surprise: Singles
    spread: Singles
    apart: Singles
    mean: Floats
    total: Floats
    scatter: Floats
    best: Ints


class Bank:
    """All lanes of n series. A series begins with its first cell. `grid` has the pairs (φ, ψ), a lane each."""

    def __init__(self, series: int, grid: Sequence[tuple[float, float]] = GRID) -> None:
        shape = (len(grid), series)
        steps, spreads = np.array(grid, SINGLE).T
        self._step, self._own = steps[:, None] ** 2, spreads[:, None] ** 2
        self.level: Singles = np.zeros(shape, SINGLE)
        self.slope: Singles = np.zeros(shape, SINGLE)
        self._vl: Singles = np.zeros(shape, SINGLE)  # variances of level and slope, and their covariance
        self._vs: Singles = np.zeros(shape, SINGLE)
        self._cov: Singles = np.zeros(shape, SINGLE)
        self._score: Singles = np.zeros(shape, SINGLE)
        self._common: Floats = np.full(len(grid), -np.log(len(grid)))  # logarithm of how often each pair comes
        self.weights: Singles = np.full(shape, 1 / len(grid), SINGLE)
        self.days = np.zeros(series, np.int64)  # cells taken in

    @property
    def begun(self) -> Flags:
        """Which series have a cell."""
        return self.days > 0

    def level_of(self) -> tuple[Floats, Floats]:
        """The level by all lanes and its variance: float[n] each."""
        mean = self._mean(self.level)
        apart = self.level - mean.astype(SINGLE)
        return mean, self._mean(self._vl) + self._mean(apart * apart)

    def expect(self, cells: Floats, noise: Floats, share: Floats, share_error: Floats, dispersion: Floats) -> Today:
        """Go to the next day, and say what was to be expected of it."""
        level = self._mean(self.level)
        size = np.maximum(np.maximum(level, LEAST_LEVEL), np.sqrt(self._mean(self._vl)))
        self._vl += self._cov
        self._cov += self._vs
        self._vl += self._cov
        self._vl += self._step * (size**2).astype(SINGLE)
        self._cov *= SINGLE(DAMPING)
        self._vs *= SINGLE(DAMPING**2)
        self._vs += ((SLOPE_STEP * size) ** 2).astype(SINGLE)
        self.level += self.slope
        self.slope *= SINGLE(DAMPING)
        seen, part, part_of = np.isfinite(noise), share * size, share.astype(SINGLE)
        own = dispersion * part + share_error * size**2 + np.where(seen, noise, 0.0)
        apart = self._own * (part**2).astype(SINGLE)
        apart += own.astype(SINGLE)
        spread = part_of**2 * self._vl
        spread += apart
        surprise = cells.astype(SINGLE) - part_of * self.level
        surprise *= seen & self.begun
        mean = self._mean(self.level)
        differ = self.level - mean.astype(SINGLE)
        differ *= differ
        total = self._mean(spread) + share**2 * self._mean(differ)
        best = self.weights.argmax(axis=0)
        scatter = apart[best, np.arange(len(best))].astype(np.float64)
        return Today(share, size, level, dispersion, noise, surprise, spread, apart, share * mean, total, scatter, best)

    def _mean(self, column: Singles) -> Floats:
        """Over lanes, by their weights."""
        return np.asarray(np.einsum("gn,gn->n", self.weights, column), np.float64)

    def skewness(self, today: Today, which: Ints) -> Floats:
        """Of what is expected of some series: float[g, k]. A count is skewed as Poisson's or more, and a day's own part
        as a lognormal factor is: it doubles more easily than it falls to nothing.
        """
        part, own = (today.share * today.size)[which], self._own
        third = today.dispersion[which] ** 2 * part + part**3 * own**2 * (3 + own)
        return np.asarray(third / today.spread[:, which].astype(np.float64) ** 1.5)

    def gains(self, today: Today) -> tuple[Floats, Floats, Floats, Floats]:
        """Of the best lane of each series: surprise, variance, and the gains of level and slope, float[n] each."""
        at = (today.best, np.arange(len(today.best)))
        spread = today.spread[at].astype(np.float64)
        level, slope = today.share * self._vl[at] / spread, today.share * self._cov[at] / spread
        return today.surprise[at].astype(np.float64), spread, level, slope

    def take(self, today: Today, taken: Flags) -> None:
        """Take in the cells of the series that are `taken`; those without a cell stay as they are expected."""
        taken = taken & np.isfinite(today.noise) & self.begun
        share = np.where(taken, today.share, 0.0).astype(SINGLE)
        width = np.sqrt(today.spread)
        score = today.surprise / width
        near = np.clip(score, -CLIPPED, CLIPPED)
        fit = near * (near / 2 - score)
        fit -= np.log(width)
        fit -= SINGLE(1 - MEMORY) * self._score
        fit *= taken
        self._score += fit
        near *= share
        near /= width
        self.level += self._vl * near
        self.slope += self._cov * near
        known = self._cov * share
        self._vs -= known * known / today.spread
        np.maximum(self._vs, 0.0, out=self._vs)
        left = today.apart / today.spread
        np.copyto(left, SINGLE(1.0), where=~taken)
        self._cov *= left
        self._vl *= left
        self.weigh(taken)
        self.days += taken

    def weigh(self, which: Flags) -> None:
        """Weights anew, from how well each pair foretold and how often it comes."""
        found = self._score + self._common[:, None]
        found -= found.max(axis=0)
        np.exp(found, out=found)
        found /= found.sum(axis=0)
        np.copyto(self.weights, found, where=which)

    def pool(self) -> None:
        """How often each pair comes among the series that have been seen for long."""
        known = np.flatnonzero(self.days >= POOLED_DAYS)
        if not len(known):
            return
        known = known[np.unique(np.linspace(0, len(known) - 1, min(len(known), POOLED)).astype(np.int64))]
        self._common = np.log(mixing(self._score[:, known], ROUNDS))

    def begin(self, today: Today, cells: Floats, variances: Floats) -> None:
        """Series with their first cell: a level as wide as the cell is uncertain, and the pairs as of the others."""
        first = np.isfinite(today.noise) & ~self.begun
        if not first.any():
            return
        self.weigh(first)
        variances = np.where(first, variances, 0.0)
        size = np.maximum(np.maximum(cells, LEAST_LEVEL), np.sqrt(variances))
        share = np.maximum(today.share, LEAST_SHARE)
        wide = variances + size + self._own * size**2
        self._set_level(first, cells / share, wide / share**2, size)
        self.days += first

    def settle(self, series: int, level: float, variance: float) -> None:
        """A new level of a series, known with this variance; the slope is open again."""
        which = np.arange(self.level.shape[1]) == series
        size = np.full(len(which), max(abs(level), LEAST_LEVEL))
        self._set_level(which, np.full(len(which), level), np.full(len(which), variance), size)

    def widen(self, series: int) -> None:
        """The level of a series may be any other of its size."""
        self._vl[:, series] += self.level[:, series] ** 2

    def move(self, series: int, level: float, slope: float, variance: float = 0.0) -> None:
        """Add to level and slope of a series. `variance` of the factor by which both are known; none: it is a shift
        of what is known, not of how well.
        """
        self.level[:, series] += level
        self.slope[:, series] += slope
        self._vl[:, series] += variance * level**2
        self._cov[:, series] += variance * level * slope
        self._vs[:, series] += variance * slope**2

    def level_at(self, series: int) -> tuple[float, float]:
        """The level of a series by all lanes, and its variance."""
        weights, level = self.weights[:, series], self.level[:, series]
        mean = float(weights @ level)
        return mean, float(weights @ (self._vl[:, series] + (level - mean) ** 2))

    def slope_at(self, series: int) -> float:
        """The slope of a series by all lanes, a day."""
        return float(self.weights[:, series] @ self.slope[:, series])

    def _set_level(self, which: Flags, level: Floats, variance: Floats, size: Floats) -> None:
        """float[n] each, `variance` float[n] or [g, n]."""
        self.level[:, which], self._vl[:, which] = level[which], np.broadcast_to(variance, self.level.shape)[:, which]
        self.slope[:, which], self._cov[:, which] = 0.0, 0.0
        self._vs[:, which] = (FIRST_SLOPE * size[which]) ** 2
