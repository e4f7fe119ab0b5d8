"""Bounds that fit: the next day's bound of a measure, from what was released on earlier days. Never from raw rows.

A wider bound loses less and needs more noise. `best_bound` minimises the error predicted for the figures that the
pages show (corrected, and smoothed where there is a past), so what a correction mends is not counted as lost:

    mean over cells of E[min(1, |X|)], X normal with variance (v + t·L²) / L²

for a cell of level L, where v is the variance of its estimate and t·L² the squared bias that one factor leaves:

- noise of the day, corrected: σ²/w², with w the share of rows that the bound keeps (`core.sizes.kept`) and
  σ² that of a discrete Gaussian with squared sensitivity k at this rho;
- weights of a page's own units are a sample: h·L, with h the squared coefficient of variation of a row's weight;
- with a past (`Course`), the estimate of today's figure by a local level that walks and a figure that varies around
  it; its variance in the steady state is in closed form (Harvey, *Forecasting, Structural Time Series Models and the
  Kalman Filter*, 1989, section 3.3);
- pages differ in who sees them: the mean weight of a page's rows varies with variance t = `LIKENESS`·h between pages,
  the likeness being the intraclass correlation of weights within a page.
"""

import math
from collections.abc import Sequence
from statistics import median

from msgspec import Struct

from hubbub.core.sizes import Kept, Sizes, kept
from hubbub.release.budget import scale_for, variance_of
from hubbub.release.plan import PARTS
from hubbub.release.weights import l2_squared

LIKENESS = 0.06  # on simulated portals .05 to .06 for one factor, .01 to .02 with factors of groups
LEVELS = 64  # cells are compared by this many quantiles of their levels
WORTH = 0.02  # a change of the bound is a new version of the plan: it has to gain this much, relatively


class Course(Struct, frozen=True):
    """How figures go on from day to day, as estimated from released cells.

    walk    standard deviation of a day's step of the level, relative to it
    spread  variance of a day's figure around its level, relative to the level; 1 for counts of independent units
    """

    walk: float
    spread: float


class Fitted(Struct, frozen=True):
    """A bound, what it keeps, and the error predicted with it (0 to 1, mean over cells)."""

    bound: int
    kept: Kept
    error: float


def usual(days: Sequence[Sizes]) -> Sizes:
    """The median of each bin over the days (seven, by the specification), no less than 0: one day may be odd.

    Its variances are those of a median of that many normal values, π/2 of a mean's. Raises `ValueError` without
    days and for days with other bins.
    """
    if not days or any(day.squares != days[0].squares for day in days):
        raise ValueError("sizes of at least one day, all with the same bins")
    widened = math.pi / 2 if len(days) > 2 else 1.0
    return Sizes(
        days[0].squares,
        tuple(max(0.0, median(each)) for each in zip(*(day.mass for day in days), strict=True)),
        tuple(widened * sum(each) / len(days) ** 2 for each in zip(*(day.variances for day in days), strict=True)),
    )


def noise_of(bound: int, rho: int) -> float:
    """Variance, in rows, of the noise on a `Bound.WEIGHTED` measure with this bound that pays `rho` (pico-rho)."""
    return variance_of(scale_for(l2_squared(bound), rho)) / PARTS**2


def predicted_error(
    bound: int, sizes: Sizes, levels: Sequence[float], rho: int, course: Course | None, likeness: float = LIKENESS
) -> Fitted:
    """The objective above, for one bound; `levels` are the corrected past figures of the cells that matter, over 0."""
    found = kept(sizes, bound)
    noise = noise_of(bound, rho) / found.share**2
    between = likeness * found.heterogeneity
    errors = [
        _capped(math.sqrt(_variance(level, noise + found.heterogeneity * level, course) / level**2 + between))
        for level in levels
    ]
    return Fitted(bound, found, math.fsum(errors) / len(errors))


def best_bound(
    sizes: Sizes,
    levels: Sequence[float],
    rho: int,
    bounds: Sequence[int],
    course: Course | None = None,
    current: int | None = None,
    likeness: float = LIKENESS,
) -> Fitted:
    """The one of `bounds` with the smallest predicted error; of equal ones the tightest. They are the hard limits.

    `rho` is what the measure pays, in pico-rho; `current` stays unless the best one gains `WORTH` on it. Raises
    `ValueError` without cells or bounds, or when the histogram says nothing.
    """
    if not bounds or min(bounds) < 1:
        raise ValueError("bounds are from 1")
    cells = _quantiles([level for level in levels if level > 0])
    found = {bound: predicted_error(bound, sizes, cells, rho, course, likeness) for bound in bounds}
    best = min(found.values(), key=lambda fitted: (fitted.error, fitted.bound))
    now = found.get(current) if current is not None else None
    return now if now is not None and best.error > now.error * (1 - WORTH) else best


def _quantiles(levels: list[float]) -> list[float]:
    """At most `LEVELS` of the levels, evenly by rank."""
    if not levels:
        raise ValueError("no released cells to fit a bound to")
    ordered = sorted(levels)
    count = min(LEVELS, len(ordered))
    return [ordered[(2 * place + 1) * len(ordered) // (2 * count)] for place in range(count)]


def _variance(level: float, noise: float, course: Course | None) -> float:
    """Variance of the estimate of today's figure: of the cell alone, or with its own past in the steady state."""
    if course is None:
        return noise
    around = course.spread * level
    step = (course.walk * level) ** 2
    ahead = (step + math.sqrt(step * step + 4 * step * (noise + around))) / 2 + around
    return ahead * noise / (ahead + noise)


def _capped(deviation: float) -> float:
    """E[min(1, |X|)] of a normal X around 0."""
    if deviation == 0:
        return 0.0
    inside = deviation * math.sqrt(2 / math.pi) * -math.expm1(-1 / (2 * deviation**2))
    return inside + math.erfc(1 / (deviation * math.sqrt(2)))
